//! Recurrent cells, attention and loss against PyTorch's figures.

mod common;

use burn::module::Module;
use burn::prelude::*;
use common::*;
use serde_json::Value;
use unrolled::config::{Activation, AttentionKind};
use unrolled::kernels::{Sequences, gru_scan, lstm_scan, rnn_scan};
use unrolled::nn::{Attention, Linear, Memory, load_parameters, masked_cross_entropy};
use unrolled::train::Gradients;

const TOLERANCE: f32 = 2e-5;

fn oracle(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn lengths(oracle: &Value) -> Vec<usize> {
    oracle["lengths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|length| length.as_u64().unwrap() as usize)
        .collect()
}

/// Outputs, final states and the gradients of every input of every cell, on sequences of mixed lengths.
#[test]
fn cells_equal_pytorch() {
    let oracle = oracle(include_str!("oracle/cells.json"));
    let lengths = lengths(&oracle);
    for case in oracle["cases"].as_array().unwrap() {
        let cell = case["cell"].as_str().unwrap();
        let device = device();
        let leaf2 = |key: &str| tensor::<2>(&case[key], &device).require_grad();
        let x = tensor::<3>(&case["x"], &device).require_grad();
        let [time, batch, width] = x.dims();
        let (input, recurrent, initial) =
            (leaf2("input"), leaf2("recurrent"), leaf2("initial_hidden"));
        let hidden = recurrent.dims()[0];
        let sequences = Sequences::new(&lengths, time, &device);
        let product = x
            .clone()
            .reshape([time * batch, width])
            .matmul(input.clone());
        let gates = product.dims()[1];
        let input_half = |bias: Tensor<1>| {
            (product.clone() + bias.unsqueeze::<2>()).reshape([time, batch, gates])
        };

        let mut leaves: Vec<(&str, Tensor<2>)> = vec![
            ("input", input.clone()),
            ("recurrent", recurrent.clone()),
            ("initial_hidden", initial.clone()),
        ];
        let (outputs, finals, bias): (Tensor<3>, Vec<Tensor<2>>, Tensor<2>) = match cell {
            "lstm" => {
                let bias = tensor::<1>(&case["bias"], &device)
                    .unsqueeze::<2>()
                    .require_grad();
                let cell = leaf2("initial_cell");
                leaves.push(("initial_cell", cell.clone()));
                let (outputs, (h, c)) = lstm_scan(
                    input_half(bias.clone().squeeze_dim(0)),
                    recurrent,
                    Some((initial, cell)),
                    &sequences,
                );
                (outputs, vec![h, c], bias)
            }
            "gru" => {
                let bias = leaf2("bias");
                let row = |row: usize| bias.clone().narrow(0, row, 1).squeeze_dim(0);
                let (outputs, h) = gru_scan(
                    input_half(row(0)),
                    recurrent,
                    row(1),
                    Some(initial),
                    &sequences,
                );
                (outputs, vec![h], bias)
            }
            _ => {
                let bias = tensor::<1>(&case["bias"], &device)
                    .unsqueeze::<2>()
                    .require_grad();
                let activation = if cell == "rnn_relu" {
                    Activation::Relu
                } else {
                    Activation::Tanh
                };
                let (outputs, h) = rnn_scan(
                    input_half(bias.clone().squeeze_dim(0)),
                    recurrent,
                    activation,
                    Some(initial),
                    &sequences,
                );
                (outputs, vec![h], bias)
            }
        };
        assert_eq!(outputs.dims(), [time, batch, hidden]);
        let weights = &case["loss_weights"];
        let mut loss = (outputs.clone() * tensor::<3>(&weights["outputs"], &device)).sum();
        for (key, state) in ["final_hidden", "final_cell"].iter().zip(&finals) {
            assert_close(
                &format!("{cell} {key}"),
                &values(state.clone()),
                &floats(&case[*key]["data"]),
                TOLERANCE,
            );
            loss = loss + (state.clone() * tensor::<2>(&weights[*key], &device)).sum();
        }
        assert_close(
            &format!("{cell} outputs"),
            &values(outputs),
            &floats(&case["outputs"]["data"]),
            TOLERANCE,
        );
        assert_close(
            &format!("{cell} loss"),
            &values(loss.clone()),
            &[case["loss"].as_f64().unwrap() as f32],
            TOLERANCE,
        );

        let tape = loss.backward();
        leaves.push(("bias", bias));
        for (key, leaf) in leaves {
            let gradient = values(leaf.grad(&tape).unwrap());
            assert_close(
                &format!("{cell} gradient of {key}"),
                &gradient,
                &floats(&case["gradients"][key]["data"]),
                TOLERANCE,
            );
        }
        let gradient = values(x.grad(&tape).unwrap());
        assert_close(
            &format!("{cell} gradient of x"),
            &gradient,
            &floats(&case["gradients"]["x"]["data"]),
            TOLERANCE,
        );
    }
}

#[test]
fn attention_equals_pytorch() {
    let oracle = oracle(include_str!("oracle/attention.json"));
    let lengths = lengths(&oracle);
    for case in oracle["cases"].as_array().unwrap() {
        let name = case["attention"].as_str().unwrap();
        let device = device();
        // The oracle has the batch first, the crate the time.
        let queries = tensor::<3>(&case["queries"], &device).require_grad();
        let memory = tensor::<3>(&case["memory"], &device).require_grad();
        let hidden = queries.dims()[2];
        let kind = match name {
            "dot" => AttentionKind::Dot,
            "general" => AttentionKind::General,
            _ => AttentionKind::Additive,
        };
        let names = [
            ("score.weight", "score"),
            ("score.query", "query"),
            ("score.key", "key"),
            ("score.vector", "v"),
        ];
        let key = |ours: &str| {
            names
                .iter()
                .find(|name| name.0 == ours)
                .map_or(ours.to_string(), |name| name.1.into())
        };
        let attention = with_init(1, &device, |init| Attention::new(kind, hidden, init)).unwrap();
        let attention = load_parameters(attention, &mut |ours, _| {
            Some(floats(&case[key(ours)]["data"]))
        })
        .unwrap();

        let sources = Memory::new(memory.clone().swap_dims(0, 1), &lengths);
        let (output, weights) = attention.forward(queries.clone().swap_dims(0, 1), &sources);
        let output = output.swap_dims(0, 1);
        assert_close(
            &format!("{name} weights"),
            &values(weights),
            &floats(&case["attention_weights"]["data"]),
            TOLERANCE,
        );
        assert_close(
            &format!("{name} output"),
            &values(output.clone()),
            &floats(&case["output"]["data"]),
            TOLERANCE,
        );

        let tape = (output * tensor::<3>(&case["loss_weights"]["output"], &device))
            .sum()
            .backward();
        for (leaf, key) in [(queries, "queries"), (memory, "memory")] {
            let gradient = values(leaf.grad(&tape).unwrap());
            assert_close(
                &format!("{name} gradient of {key}"),
                &gradient,
                &floats(&case["gradients"][key]["data"]),
                TOLERANCE,
            );
        }
        let gradients = Gradients::of(&attention, tape);
        for parameter in unrolled::nn::named_parameters(&attention) {
            let gradient = values(gradients.get(&parameter.name).unwrap().clone());
            let expected = floats(&case["gradients"][key(&parameter.name)]["data"]);
            assert_close(
                &format!("{name} gradient of {}", parameter.name),
                &gradient,
                &expected,
                TOLERANCE,
            );
        }
    }
}

/// The loss through an output layer with an identity matrix: rows are logits.
#[test]
fn masked_loss_equals_pytorch() {
    let oracle = oracle(include_str!("oracle/masked_loss.json"));
    let device = device();
    let logits = tensor::<3>(&oracle["logits"], &device).require_grad();
    let [batch, time, classes] = logits.dims();
    let output = with_init(1, &device, |init| Linear::new(classes, classes, init)).no_grad();
    let mut identity = vec![0f32; classes * classes];
    (0..classes).for_each(|index| identity[index * (classes + 1)] = 1.0);
    let output = load_parameters(output, &mut |name, _| {
        Some(if name == "weight" {
            identity.clone()
        } else {
            vec![0.0; classes]
        })
    })
    .unwrap();

    let rows = oracle["targets"].as_array().unwrap().iter();
    let targets: Vec<i32> = rows
        .flat_map(|row| {
            row.as_array()
                .unwrap()
                .iter()
                .map(|id| id.as_i64().unwrap() as i32)
        })
        .collect();
    let pad = oracle["pad"].as_i64().unwrap() as i32;
    let mask: Vec<f32> = targets
        .iter()
        .map(|&id| f32::from(u8::from(id != pad)))
        .collect();
    let count = batch * time;
    let targets = Tensor::<1, Int>::from_data(TensorData::new(targets, [count]), &device);
    let mask = Tensor::<1>::from_data(TensorData::new(mask, [count]), &device);
    let sums = masked_cross_entropy(
        &output,
        logits.clone().reshape([count, classes]),
        targets,
        mask,
    );
    let expected = |key: &str| [oracle[key].as_f64().unwrap() as f32];
    assert_close(
        "sum",
        &values(sums.nats.clone()),
        &expected("sum"),
        TOLERANCE,
    );
    assert_close("correct", &values(sums.correct), &expected("correct"), 0.0);
    let tape = (sums.nats / oracle["tokens"].as_f64().unwrap()).backward();
    let gradient = values(logits.grad(&tape).unwrap());
    assert_close(
        "gradient",
        &gradient,
        &floats(&oracle["mean_gradient"]["data"]),
        TOLERANCE,
    );
}
