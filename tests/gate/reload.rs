use std::{fs, os::unix::fs::symlink};

use credit_risk::access::KeyRegistry;

use crate::registry::{ALPHA, BETA, GENERATED, keys_file, settings};

#[test]
fn keys_come_and_go_without_a_restart() {
    let (_folder, config) = keys_file(ALPHA);
    let registry = KeyRegistry::load(&config).unwrap();
    let handle = registry.clone();
    assert_eq!(registry.reload_if_changed(), Ok(false));

    let path = config.api_keys_file.as_ref().unwrap();
    fs::write(path, format!("{BETA}\n{GENERATED}\n")).unwrap();
    assert_eq!(registry.reload_if_changed(), Ok(true));
    assert_eq!(registry.reload_if_changed(), Ok(false));
    assert_eq!(handle.len(), 2);
    assert!(handle.resolve(ALPHA).is_none() && handle.resolve(BETA).is_some());
    assert_eq!(registry.reload(), Ok(2));
}

#[test]
fn a_file_of_the_same_size_and_time_put_in_place_is_noticed() {
    let (folder, config) = keys_file(ALPHA);
    let registry = KeyRegistry::load(&config).unwrap();
    let path = config.api_keys_file.as_ref().unwrap();
    let next = folder.path().join("next");
    fs::write(&next, BETA).unwrap();
    let modified = fs::metadata(path).unwrap().modified().unwrap();
    fs::File::options()
        .write(true)
        .open(&next)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    fs::rename(&next, path).unwrap();
    assert_eq!(registry.reload_if_changed(), Ok(true));
    assert!(registry.resolve(BETA).is_some());
}

#[test]
fn the_link_swap_of_a_mounted_secret_is_noticed() {
    // as Kubernetes does it: file -> ..data/file, ..data -> ..first, then ..data -> ..second
    let (_folder, config) = settings();
    let mount = &config.secrets_dir;
    for (version, key) in [("..first", ALPHA), ("..second", BETA)] {
        fs::create_dir_all(mount.join(version)).unwrap();
        fs::write(mount.join(version).join("credit_risk_api_keys"), key).unwrap();
    }
    symlink("..first", mount.join("..data")).unwrap();
    symlink(
        "..data/credit_risk_api_keys",
        mount.join("credit_risk_api_keys"),
    )
    .unwrap();
    let registry = KeyRegistry::load(&config).unwrap();
    assert!(registry.resolve(ALPHA).is_some());

    symlink("..second", mount.join("..next")).unwrap();
    fs::rename(mount.join("..next"), mount.join("..data")).unwrap();
    assert_eq!(registry.reload_if_changed(), Ok(true));
    assert!(registry.resolve(ALPHA).is_none() && registry.resolve(BETA).is_some());
}

#[test]
fn a_bad_file_keeps_the_old_keys_until_it_is_mended() {
    let (_folder, config) = keys_file(ALPHA);
    let registry = KeyRegistry::load(&config).unwrap();
    let path = config.api_keys_file.as_ref().unwrap();

    for text in ["", "# empty\n", "tooshort\n", &format!("{BETA};tier=gold")] {
        fs::write(path, text).unwrap();
        assert!(registry.reload_if_changed().is_err(), "{text}");
        assert!(
            registry.reload_if_changed().is_err(),
            "the fault is not forgotten"
        );
        assert!(registry.resolve(ALPHA).is_some());
    }
    fs::remove_file(path).unwrap();
    assert!(registry.reload_if_changed().is_err());
    assert!(registry.resolve(ALPHA).is_some());

    fs::write(path, format!("{BETA}\n")).unwrap();
    assert_eq!(registry.reload_if_changed(), Ok(true));
    assert!(registry.resolve(ALPHA).is_none() && registry.resolve(BETA).is_some());
}

#[test]
fn a_mounted_secret_may_appear_and_disappear() {
    let (_folder, config) = settings();
    let registry = KeyRegistry::load(&config).unwrap();
    fs::create_dir(&config.secrets_dir).unwrap();
    let path = config.secrets_dir.join("credit_risk_api_key");
    fs::write(&path, ALPHA).unwrap();
    assert_eq!(registry.reload_if_changed(), Ok(true));
    assert_eq!(registry.len(), 1);
    fs::remove_file(&path).unwrap();
    assert_eq!(registry.reload_if_changed(), Ok(true));
    assert!(registry.is_empty());
}
