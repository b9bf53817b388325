//! What each vendor's server does.

use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use tokio::task::JoinSet;

use crate::s3::{Server, Vendor, client::client};

const ALL: [Vendor; 3] = [Vendor::SeaweedFs, Vendor::Moto, Vendor::Rclone];

fn owner(server: &Server) -> Client {
    client(server.endpoint(), Server::ACCESS_KEY, Server::SECRET_KEY)
}

/// The status of an attempt to make an object that must not be there yet.
async fn put_new(client: &Client, bucket: &str) -> u16 {
    let request = client.put_object().bucket(bucket).key("model");
    match request.if_none_match("*").send().await {
        Ok(_) => 200,
        Err(error) => refusal(&error).0,
    }
}

/// Status and S3's code of a refused request.
fn refusal<E: ProvideErrorMetadata>(error: &SdkError<E>) -> (u16, Option<&str>) {
    let status = error.raw_response().unwrap().status().as_u16();
    (status, error.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_gives_back_what_it_was_given() {
    for vendor in ALL {
        let server = Server::shared(vendor).await;
        let bucket = server.new_bucket().await;
        server.put(&bucket, "models/a", &[0, 255, b'\n']).await;
        let body = server.get(&bucket, "models/a").await;
        assert_eq!(body, Some(vec![0, 255, b'\n']), "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_server_knows_what_is_gone() {
    for vendor in ALL {
        let server = Server::shared(vendor).await;
        let bucket = server.new_bucket().await;
        for key in ["b", "a/2", "a/1"] {
            server.put(&bucket, key, b"x").await;
        }
        server.delete(&bucket, "a/2").await;
        server.delete(&bucket, "never there").await;
        assert_eq!(server.keys(&bucket).await, ["a/1", "b"], "{vendor:?}");
        assert_eq!(server.get(&bucket, "a/2").await, None, "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_come_from_every_page() {
    let server = Server::shared(Vendor::Rclone).await;
    let bucket = server.new_bucket().await;
    let names: Vec<_> = (0..1001).map(|number| format!("{number:04}")).collect();
    let mut writers = JoinSet::new();
    for part in names.chunks(101) {
        let (part, bucket) = (part.to_owned(), bucket.clone());
        writers.spawn(async move {
            for name in part {
                server.put(&bucket, &name, b"").await;
            }
        });
    }
    writers.join_all().await;
    assert_eq!(server.keys(&bucket).await, names);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_not_there_is_an_error() {
    for vendor in ALL {
        let server = Server::shared(vendor).await;
        let request = owner(server).put_object().bucket("no-such-bucket").key("k");
        let error = request.send().await.unwrap_err();
        assert_eq!(refusal(&error), (404, Some("NoSuchBucket")), "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_keep_what_is_there_when_it_should_be_new() {
    for vendor in [Vendor::SeaweedFs, Vendor::Moto] {
        let server = Server::shared(vendor).await;
        let bucket = server.new_bucket().await;
        let client = owner(server);
        assert_eq!(put_new(&client, &bucket).await, 200, "{vendor:?}");
        assert_eq!(put_new(&client, &bucket).await, 412, "{vendor:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_overwrites_what_should_be_new() {
    let server = Server::shared(Vendor::Rclone).await;
    let bucket = server.new_bucket().await;
    let client = owner(server);
    assert_eq!(put_new(&client, &bucket).await, 200);
    assert_eq!(put_new(&client, &bucket).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writers_of_a_new_object_one_wins() {
    for vendor in [Vendor::SeaweedFs, Vendor::Moto] {
        let server = Server::shared(vendor).await;
        let bucket = server.new_bucket().await;
        let mut writers = JoinSet::new();
        for _ in 0..16 {
            let (client, bucket) = (owner(server), bucket.clone());
            writers.spawn(async move { put_new(&client, &bucket).await });
        }
        let statuses = writers.join_all().await;
        let winners = statuses.iter().filter(|status| **status == 200);
        assert_eq!(winners.count(), 1, "{vendor:?}: {statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_may_read() {
    let server = Server::shared(Vendor::SeaweedFs).await;
    let bucket = server.new_bucket().await;
    server.put(&bucket, "k", b"x").await;
    let (access, secret) = (Server::READ_ONLY_ACCESS_KEY, Server::READ_ONLY_SECRET_KEY);
    let reader = client(server.endpoint(), access, secret);
    let object = reader.get_object().bucket(&bucket).key("k").send().await;
    assert_eq!(object.unwrap().content_length(), Some(1));
    let list = reader.list_objects_v2().bucket(&bucket).send().await;
    assert_eq!(list.unwrap().key_count(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_may_neither_write_nor_delete() {
    let server = Server::shared(Vendor::SeaweedFs).await;
    let bucket = server.new_bucket().await;
    server.put(&bucket, "k", b"x").await;
    let (access, secret) = (Server::READ_ONLY_ACCESS_KEY, Server::READ_ONLY_SECRET_KEY);
    let reader = client(server.endpoint(), access, secret);
    let put = reader.put_object().bucket(&bucket).key("k").send().await;
    let delete = reader.delete_object().bucket(&bucket).key("k").send().await;
    let denied = (403, Some("AccessDenied"));
    assert_eq!(refusal(&put.unwrap_err()), denied);
    assert_eq!(refusal(&delete.unwrap_err()), denied);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_look_at_signatures() {
    for vendor in [Vendor::SeaweedFs, Vendor::Rclone] {
        let server = Server::shared(vendor).await;
        let bucket = server.new_bucket().await;
        let stranger = client(server.endpoint(), Server::ACCESS_KEY, "another secret key");
        let list = stranger.list_objects_v2().bucket(&bucket).send().await;
        let error = list.unwrap_err();
        let mismatch = (403, Some("SignatureDoesNotMatch"));
        assert_eq!(refusal(&error), mismatch, "{vendor:?}");
    }
}
