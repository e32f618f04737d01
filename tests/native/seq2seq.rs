//! The whole encoder–decoder against PyTorch: loss, gradients, and ten steps of training.

mod common;

use burn::prelude::*;
use common::*;
use serde_json::Value;
use std::collections::HashMap;
use unrolled::batch::pad;
use unrolled::config::{AttentionKind, CellKind, Config, InputKind, OptimizerKind};
use unrolled::models::{Seq2Seq, Seq2SeqConfig};
use unrolled::nn::{Dropout, LossSums, load_parameters, masked_cross_entropy, named_parameters};
use unrolled::text::{END, PAD, START};
use unrolled::train::{Gradients, Optimizer};

fn oracle() -> Value {
    serde_json::from_str(include_str!("oracle/seq2seq.json")).unwrap()
}

/// The oracle's name of one of our weights.
fn oracle_name(ours: &str) -> String {
    ours.replace(".layers.", ".")
        .replace("embedding.weight", "embedding")
        .replace("score.weight", "score")
}

fn config(case: &Value) -> Config {
    let size = |key: &str| case[key].as_u64().unwrap_or(1) as u32;
    Config {
        cell: match case["cell"].as_str().unwrap() {
            "lstm" => CellKind::Lstm,
            "gru" => CellKind::Gru,
            _ => CellKind::Rnn,
        },
        attention: serde_json::from_value(case["attention"].clone()).unwrap(),
        input: serde_json::from_value(case["input"].clone()).unwrap_or(InputKind::Embedding),
        embedding: size("embedding"),
        hidden: size("hidden"),
        layers: size("layers"),
        optimizer: OptimizerKind::Adam,
        ..Config::default()
    }
}

fn network(case: &Value, device: &Device) -> Seq2Seq {
    let size = |key: &str| case[key].as_u64().unwrap() as usize;
    let shape = Seq2SeqConfig::new(
        &config(case),
        size("source_vocabulary"),
        size("target_vocabulary"),
    );
    let network = with_init(1, device, |init| shape.init(init));
    let counted: usize = shape.layers().iter().map(|layer| layer.parameters).sum();
    let made: usize = named_parameters(&network)
        .iter()
        .map(|weight| weight.values.dims()[0])
        .sum();
    assert_eq!(counted, made, "the summary counts what is there");
    load_parameters(network, &mut |name, _| {
        Some(floats(&case["weights"][oracle_name(name)]["data"]))
    })
    .unwrap()
}

fn sentences(value: &Value) -> Vec<Vec<u32>> {
    let ids = |row: &Value| {
        row.as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_u64().unwrap() as u32)
            .collect()
    };
    value.as_array().unwrap().iter().map(ids).collect()
}

fn loss(
    network: &Seq2Seq,
    sources: &[Vec<u32>],
    targets: &[Vec<u32>],
    device: &Device,
) -> LossSums {
    let ids = |ids: Vec<i32>| {
        let count = ids.len();
        Tensor::<1, Int>::from_data(TensorData::new(ids, [count]), device)
    };
    let source = pad(sources, PAD);
    let input = pad(
        &targets
            .iter()
            .map(|target| [&[START], target.as_slice()].concat())
            .collect::<Vec<_>>(),
        PAD,
    );
    let output = pad(
        &targets
            .iter()
            .map(|target| [target.as_slice(), &[END]].concat())
            .collect::<Vec<_>>(),
        PAD,
    );
    let mask: Vec<f32> = output
        .ids
        .iter()
        .map(|&id| f32::from(u8::from(id != PAD as i32)))
        .collect();
    let count = mask.len();
    let encoded = network.encode(ids(source.ids), &source.lengths, &Dropout::OFF);
    let (rows, _, _) = network.decode(
        ids(input.ids),
        &input.lengths,
        encoded.into(),
        &Dropout::OFF,
    );
    let mask = Tensor::from_data(TensorData::new(mask, [count]), device);
    masked_cross_entropy(&network.output, rows, ids(output.ids), mask)
}

#[test]
fn loss_and_every_gradient_equal_pytorch() {
    let oracle = oracle();
    let (sources, targets) = (sentences(&oracle["sources"]), sentences(&oracle["targets"]));
    let device = device();
    for (number, case) in oracle["cases"].as_array().unwrap().iter().enumerate() {
        let network = network(case, &device);
        let sums = loss(&network, &sources, &targets, &device);
        assert_close(
            "sum",
            &values(sums.nats.clone()),
            &[case["sum"].as_f64().unwrap() as f32],
            2e-5,
        );
        assert_close(
            "correct",
            &values(sums.correct),
            &[case["correct"].as_f64().unwrap() as f32],
            0.0,
        );
        let tape = (sums.nats / case["tokens"].as_f64().unwrap()).backward();
        let gradients = Gradients::of(&network, tape);
        for parameter in named_parameters(&network) {
            let expected = floats(&case["mean_gradients"][oracle_name(&parameter.name)]["data"]);
            let found = values(gradients.get(&parameter.name).unwrap().clone());
            assert_close(
                &format!("case {number}, {}", parameter.name),
                &found,
                &expected,
                1e-4,
            );
        }
    }
}

#[test]
fn ten_steps_of_adam_equal_pytorch() {
    let oracle = oracle();
    let (sources, targets) = (sentences(&oracle["sources"]), sentences(&oracle["targets"]));
    let device = device();
    for case in oracle["cases"].as_array().unwrap() {
        let mut network = network(case, &device);
        let mut optimizer = Optimizer::new(OptimizerKind::Adam);
        let config = config(case);
        let mut losses = Vec::new();
        for _ in 0..10 {
            let mean =
                loss(&network, &sources, &targets, &device).nats / case["tokens"].as_f64().unwrap();
            losses.extend(values(mean.clone()));
            let gradients = Gradients::of(&network, mean.backward());
            network = optimizer.step(network, gradients, 0.01, &config);
        }
        assert_close("losses", &losses, &floats(&case["losses"]), 1e-5);
    }
}

/// More padding on either side changes neither the loss nor any gradient.
#[test]
fn padding_never_changes_a_loss() {
    let oracle = oracle();
    let (sources, targets) = (sentences(&oracle["sources"]), sentences(&oracle["targets"]));
    let device = device();
    for case in oracle["cases"].as_array().unwrap() {
        let network = network(case, &device);
        let together = values(loss(&network, &sources, &targets, &device).nats)[0];
        let alone: f32 = sources
            .iter()
            .zip(&targets)
            .map(|(source, target)| {
                values(
                    loss(
                        &network,
                        std::slice::from_ref(source),
                        std::slice::from_ref(target),
                        &device,
                    )
                    .nats,
                )[0]
            })
            .sum();
        assert_close(
            "sum of the sentences one by one",
            &[alone],
            &[together],
            1e-5,
        );
    }
}

/// One table for both sides is two equal tables: the same loss, and the sum of their gradients.
#[test]
fn a_shared_embedding_is_two_that_are_equal() {
    let (tokens, device) = (9, device());
    let config = Config {
        hidden: 5,
        embedding: 4,
        layers: 2,
        ..Config::default()
    };
    let shapes = [
        Seq2SeqConfig::shared(&config, tokens),
        Seq2SeqConfig::new(&config, tokens, tokens),
    ];
    let [shared, apart] = shapes.map(|shape| {
        let network = with_init(1, &device, |init| shape.init(init));
        let weights = named_parameters(&network);
        let made: usize = weights.iter().map(|weight| weight.values.dims()[0]).sum();
        let counted: usize = shape.layers().iter().map(|layer| layer.parameters).sum();
        assert_eq!(counted, made);
        network
    });
    let weights: HashMap<String, Vec<f32>> = named_parameters(&shared)
        .into_iter()
        .map(|weight| (weight.name, values(weight.values)))
        .collect();
    let apart = load_parameters(apart, &mut |name, _| {
        let name = name.replace("source_embedding", "embedding");
        weights
            .get(&name.replace("target_embedding", "embedding"))
            .cloned()
    })
    .unwrap();
    let (sources, targets) = ([vec![4, 5, 6], vec![7]], [vec![8, 5], vec![6, 4, 4]]);
    let [together, apart] = [shared, apart].map(|network| {
        let sums = loss(&network, &sources, &targets, &device);
        let nats = values(sums.nats.clone());
        let gradients = Gradients::of(&network, sums.nats.backward());
        let of = |name: &str| {
            let gradient = gradients.get(&format!("{name}embedding.weight"));
            gradient.map(|gradient| values(gradient.clone()))
        };
        (nats, of(""), of("source_"), of("target_"))
    });
    assert_eq!(together.0, apart.0);
    assert_eq!((&together.2, &together.3), (&None, &None));
    let (source, target) = (apart.2.unwrap(), apart.3.unwrap());
    let sum: Vec<f32> = source.iter().zip(target).map(|(a, b)| a + b).collect();
    assert_close("gradient", &together.1.unwrap(), &sum, 1e-5);
}

/// The hyperparameters and the count that the project's brief gives.
#[test]
fn one_hot_characters_have_the_parameters_that_keras_counts() {
    let shape = Seq2SeqConfig {
        classes: 27,
        ..Seq2SeqConfig::new(
            &Config {
                hidden: 256,
                input: InputKind::OneHot,
                attention: AttentionKind::None,
                ..Config::default()
            },
            18,
            27,
        )
    };
    let counts: Vec<usize> = shape
        .layers()
        .iter()
        .map(|layer| layer.parameters)
        .collect();
    assert_eq!(counts, [281_600, 290_816, 6_939]);
    assert_eq!(counts.iter().sum::<usize>(), 579_355);
}
