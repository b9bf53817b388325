//! Many creators on a bad line: exactly one of each name wins, and knows it.

use std::sync::Mutex;

use credit_risk::model_store::{ModelStoreError, Storage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tokio::task::JoinSet;

use crate::{
    line::{Line, open},
    s3::{Vendor, proxy::Fault},
    support::{body, id, result},
};

const NAMES: usize = 6;
const CREATORS: i64 = 16;

/// How likely it is that a request is done and its reply lost.
const LOSS: f64 = 0.3;

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_creators_one_wins_whatever_replies_are_lost() {
    let line = Line::to(Vendor::Moto).await;
    let patience = [("CREDIT_RISK_S3_MAX_ATTEMPTS", "20")];
    let processes = [line.config(&patience), line.config(&patience)];
    let stores = [open(&processes[0]).await, open(&processes[1]).await];
    let dice = Mutex::new(ChaCha8Rng::seed_from_u64(16));
    let is_lost = move |_: &_| dice.lock().unwrap().random_bool(LOSS);
    line.proxy.inject(usize::MAX, is_lost, Fault::ResetAfter);

    let mut creators = JoinSet::new();
    for creator in 0..CREATORS {
        for name in 0..NAMES {
            let store = stores[usize::try_from(creator).unwrap() % 2].clone();
            creators.spawn(async move {
                let id = id(&format!("model{name}"));
                let result = result(&id, creator);
                (name, creator, store.create(id, body(), result).await)
            });
        }
    }
    let mut winners = vec![Vec::new(); NAMES];
    while let Some(outcome) = creators.join_next().await {
        match outcome.unwrap() {
            (name, creator, Ok(saved)) => {
                assert_eq!(saved.storage, Storage::Stored);
                winners[name].push(creator);
            }
            (_, _, Err(ModelStoreError::AlreadyExists(_))) => {}
            (name, creator, Err(error)) => panic!("model{name} by {creator}: {error}"),
        }
    }
    line.proxy.heal();

    let mut keys = Vec::new();
    let witness = line.bucket.store().await;
    for (name, winners) in winners.iter().enumerate() {
        let id = id(&format!("model{name}"));
        assert_eq!(winners.len(), 1, "{id} was won by {winners:?}");
        let metadata = witness.metadata(&id).await.unwrap();
        assert_eq!(metadata.results, result(&id, winners[0]).into());
        keys.extend([format!("models/{id}.json"), format!("models/{id}.model")]);
    }
    assert_eq!(line.bucket.keys().await, keys);
    for store in stores {
        assert!(store.upload_pending().await.is_empty());
    }
}
