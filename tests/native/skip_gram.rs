//! Skip-gram with negative sampling against PyTorch: loss, gradients, and ten steps of training.

mod common;

use burn::prelude::*;
use common::*;
use serde_json::Value;
use unrolled::config::{Config, OptimizerKind};
use unrolled::models::{SkipGram, SkipGramConfig};
use unrolled::nn::{LossSums, load_parameters, named_parameters};
use unrolled::train::{Gradients, Optimizer};

fn oracle() -> Value {
    serde_json::from_str(include_str!("oracle/skip_gram.json")).unwrap()
}

/// The oracle's name of one of our weights.
fn oracle_name(ours: &str) -> &str {
    ours.trim_end_matches(".weight")
}

fn network(oracle: &Value, device: &Device) -> SkipGram {
    let shape = &oracle["weights"]["vectors"]["shape"];
    let config = SkipGramConfig {
        vocabulary: shape[0].as_u64().unwrap() as usize,
        size: shape[1].as_u64().unwrap() as usize,
    };
    let fresh = with_init(1, device, |init| config.init(init));
    load_parameters(fresh, &mut |name, _| {
        Some(floats(&oracle["weights"][oracle_name(name)]["data"]))
    })
    .unwrap()
}

fn loss(network: &SkipGram, oracle: &Value, device: &Device) -> LossSums {
    let ids = |name: &str| {
        let ids: Vec<i32> = floats(&oracle[name]).iter().map(|&id| id as i32).collect();
        let count = ids.len();
        Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), device)
    };
    network.loss(ids("centres"), ids("candidates"))
}

fn pairs(oracle: &Value) -> f64 {
    oracle["centres"].as_array().unwrap().len() as f64
}

#[test]
fn loss_and_gradients_equal_pytorch() {
    let (oracle, device) = (oracle(), device());
    let network = network(&oracle, &device);
    let sums = loss(&network, &oracle, &device);
    let number = |name: &str| [oracle[name].as_f64().unwrap() as f32];
    assert_close("sum", &values(sums.nats.clone()), &number("sum"), 1e-6);
    assert_close("correct", &values(sums.correct), &number("correct"), 0.0);
    let gradients = Gradients::of(&network, (sums.nats / pairs(&oracle)).backward());
    for weight in named_parameters(&network) {
        let expected = floats(&oracle["mean_gradients"][oracle_name(&weight.name)]["data"]);
        let found = values(gradients.get(&weight.name).unwrap().clone());
        assert_close(&weight.name, &found, &expected, 1e-5);
    }
}

#[test]
fn ten_steps_of_adam_equal_pytorch() {
    let (oracle, device) = (oracle(), device());
    let mut network = network(&oracle, &device);
    let mut optimizer = Optimizer::new(OptimizerKind::Adam);
    let rate = oracle["adam"]["learning_rate"].as_f64().unwrap();
    let mut losses = Vec::new();
    for _ in 0..10 {
        let mean = loss(&network, &oracle, &device).nats / pairs(&oracle);
        losses.extend(values(mean.clone()));
        let gradients = Gradients::of(&network, mean.backward());
        network = optimizer.step(network, gradients, rate, &Config::default());
    }
    assert_close("losses", &losses, &floats(&oracle["adam"]["losses"]), 1e-5);
}
