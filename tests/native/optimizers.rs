//! Optimizers and gradient clipping against PyTorch's and Keras's figures.

mod common;

use burn::module::{Module, Param};
use burn::prelude::*;
use common::*;
use serde_json::Value;
use unrolled::config::{Config, OptimizerKind};
use unrolled::train::{Gradients, Optimizer};

/// A network of two weights, whose gradients are whatever it is multiplied with.
#[derive(Module, Debug)]
struct Weights {
    a: Param<Tensor<2>>,
    b: Param<Tensor<2>>,
}

impl Weights {
    fn gradients(&self, a: Tensor<2>, b: Tensor<2>) -> Gradients {
        Gradients::of(
            self,
            ((self.a.val() * a).sum() + (self.b.val() * b).sum()).backward(),
        )
    }
}

#[test]
fn optimizers_equal_pytorch_and_keras() {
    let oracle: Value = serde_json::from_str(include_str!("oracle/optimizers.json")).unwrap();
    let device = device();
    for case in oracle["cases"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64();
        let name = case["optimizer"].as_str().unwrap();
        let kind: OptimizerKind = serde_json::from_value(case["optimizer"].clone()).unwrap();
        let config = Config {
            optimizer: kind,
            momentum: number("momentum").unwrap_or(0.9),
            weight_decay: number("weight_decay").unwrap_or(0.0),
            clip_norm: 0.0,
            ..Config::default()
        };
        let start = tensor::<2>(&oracle["start"], &device);
        let mut weights = Weights {
            a: Param::from_tensor(start.clone()),
            b: Param::from_tensor(start),
        };
        let mut optimizer = Optimizer::new(kind);
        let gradients = tensor::<3>(&oracle["gradients"], &device);
        let expected = tensor::<3>(&case["parameters"], &device);
        for step in 0..10 {
            let gradient: Tensor<2> = gradients.clone().narrow(0, step, 1).squeeze_dim(0);
            let gradients = weights.gradients(gradient.clone(), gradient.zeros_like());
            weights = optimizer.step(weights, gradients, number("lr").unwrap(), &config);
            let expected = values(expected.clone().narrow(0, step, 1));
            assert_close(
                &format!("{name} after step {step}"),
                &values(weights.a.val()),
                &expected,
                1e-5,
            );
        }
    }
}

#[test]
fn clipping_equals_pytorch() {
    let oracle: Value = serde_json::from_str(include_str!("oracle/optimizers.json")).unwrap();
    let clipping = &oracle["clipping"];
    let device = device();
    let flat = |value: &Value| Tensor::<1>::from_floats(floats(&value["data"]).as_slice(), &device);
    let (a, b) = (
        flat(&clipping["gradients"]["a"]),
        flat(&clipping["gradients"]["b"]),
    );
    let weights = Weights {
        a: Param::from_tensor(Tensor::ones([1, a.dims()[0]], &device)),
        b: Param::from_tensor(Tensor::ones([1, b.dims()[0]], &device)),
    };
    for case in clipping["cases"].as_array().unwrap() {
        // A step of plain gradient descent takes the clipped gradient away from the weights.
        let config = Config {
            momentum: 0.0,
            clip_norm: case["max_norm"].as_f64().unwrap(),
            ..Config::default()
        };
        let gradients = weights.gradients(a.clone().unsqueeze(), b.clone().unsqueeze());
        let mut optimizer = Optimizer::new(OptimizerKind::Sgd);
        let moved = optimizer.step(weights.clone(), gradients, 1.0, &config);
        for (name, weight) in [("a", moved.a), ("b", moved.b)] {
            let found: Vec<f32> = values(weight.val())
                .iter()
                .map(|weight| 1.0 - weight)
                .collect();
            assert_close(name, &found, &floats(&case["clipped"][name]["data"]), 1e-5);
        }
    }
}
