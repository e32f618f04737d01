//! The kernels on the CPU against the plain operations that define what is correct.

mod common;

use burn::prelude::*;
use common::*;
use unrolled::compare::{Case, Kernel, difference};
use unrolled::config::{CellKind, Config};
use unrolled::kernels;
use unrolled::rng::{Rng, Stream};
use unrolled::tasks::TaskKind;
use unrolled::train::Trainer;

/// The largest relative difference that counts as rounding.
const TOLERANCE: f32 = 1e-4;

const SCANS: [Kernel; 5] = [
    Kernel::Lstm,
    Kernel::Gru,
    Kernel::RnnTanh,
    Kernel::RnnRelu,
    Kernel::LstmStack,
];

fn check(case: Case) {
    let difference = ready(difference(&case, &Device::flex())).unwrap();
    assert!(difference <= TOLERANCE, "{case:?} differs by {difference}");
}

/// A case with everything that a scan can be given.
fn full(kernel: Kernel, [time, batch, hidden]: [usize; 3]) -> Case {
    Case {
        kernel,
        time,
        batch,
        hidden,
        ragged: true,
        dropout: true,
        initial: true,
        outputs: true,
        seed: 1,
    }
}

#[test]
fn scans_equal_plain_operations_on_random_shapes() {
    let mut rng = Rng::new(7, Stream::Sampling);
    for kernel in SCANS {
        for seed in 0..12 {
            let mut coin = || rng.below(2) == 0;
            let (ragged, dropout, initial, outputs) = (coin(), coin(), coin(), coin());
            let case = Case {
                ragged,
                dropout,
                initial,
                outputs,
                seed,
                ..full(
                    kernel,
                    [1 + rng.below(30), 1 + rng.below(40), 1 + rng.below(70)],
                )
            };
            check(case);
        }
    }
}

#[test]
fn scans_equal_plain_operations_at_the_edges() {
    let edges = [
        [1, 1, 1],
        [120, 2, 3],
        [3, 200, 5],
        [2, 3, 1_024],
        [2, 1, 257],
        [5, 17, 129],
        [2, 9, 700],
    ];
    for kernel in SCANS {
        for shape in edges {
            check(full(kernel, shape));
        }
    }
}

#[test]
fn the_other_kernels_equal_plain_operations() {
    let others = [
        Kernel::Linear,
        Kernel::OneHot,
        Kernel::Product,
        Kernel::CrossEntropy,
        Kernel::Sgd,
        Kernel::RmsProp,
        Kernel::AdamW,
        Kernel::ClipScale,
    ];
    for kernel in others {
        for shape in [
            [1, 1, 1],
            [1, 3, 7],
            [13, 5, 33],
            [40, 20, 64],
            [2, 2, 515],
            [41, 200, 5],
        ] {
            check(full(kernel, shape));
        }
    }
}

/// The gradients against what the loss does when a single number moves a little.
#[test]
fn gradients_of_scans_equal_finite_differences() {
    for cell in ["lstm", "gru", "rnn"] {
        let [time, batch, hidden] = [4, 3, 5];
        let device = device();
        let mut rng = Rng::new(3, Stream::Sampling);
        let mut draw = |count: usize| (0..count).map(|_| rng.normal() * 0.7).collect::<Vec<f32>>();
        let gates = match cell {
            "lstm" => 4,
            "gru" => 3,
            _ => 1,
        };
        let values_of = [
            draw(time * batch * gates * hidden),
            draw(hidden * gates * hidden),
            draw(batch * hidden),
            draw(batch * hidden),
            draw(3 * hidden),
        ];
        let loss = |values: &[Vec<f32>; 5]| {
            let leaf = |index: usize| {
                Tensor::<1>::from_floats(values[index].as_slice(), &device).require_grad()
            };
            let leaves: Vec<Tensor<1>> = (0..5).map(leaf).collect();
            let input_half = leaves[0].clone().reshape([time, batch, gates * hidden]);
            let recurrent = leaves[1].clone().reshape([hidden, gates * hidden]);
            let state = |index: usize| leaves[index].clone().reshape([batch, hidden]);
            let sequences = kernels::Sequences::new(&[4, 2, 0], time, &device);
            let (outputs, finals) = match cell {
                "lstm" => {
                    let initial = Some((state(2), state(3)));
                    let (outputs, (hidden, cell)) =
                        kernels::lstm_scan(input_half, recurrent, initial, &sequences);
                    (outputs, hidden * cell)
                }
                "gru" => kernels::gru_scan(
                    input_half,
                    recurrent,
                    leaves[4].clone(),
                    Some(state(2)),
                    &sequences,
                ),
                _ => kernels::rnn_scan(
                    input_half,
                    recurrent,
                    unrolled::config::Activation::Tanh,
                    Some(state(2)),
                    &sequences,
                ),
            };
            (outputs.square().sum() + finals.sum(), leaves)
        };
        let (value, leaves) = loss(&values_of);
        let tape = value.backward();
        // Input half, recurrent weights, hidden state; the LSTM's cell state, the GRU's recurrent bias.
        let inputs: &[usize] = match cell {
            "lstm" => &[0, 1, 2, 3],
            "gru" => &[0, 1, 2, 4],
            _ => &[0, 1, 2],
        };
        for &input in inputs {
            let gradient = values(leaves[input].grad(&tape).expect("a gradient"));
            for index in (0..gradient.len()).step_by(7) {
                let moved = |by: f32| {
                    let mut moved = values_of.clone();
                    moved[input][index] += by;
                    f64::from(values(loss(&moved).0)[0])
                };
                let step = 1e-2;
                let slope = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
                assert!(
                    (slope - f64::from(gradient[index])).abs() <= 2e-3 * slope.abs().max(1.0),
                    "{cell}, input {input}, number {index}: {} by the kernel, {slope} by differences",
                    gradient[index]
                );
            }
        }
    }
}

#[test]
fn a_translator_trains_along_the_same_curve_with_and_without_kernels() {
    for cell in [CellKind::Lstm, CellKind::Gru, CellKind::Rnn] {
        let config = Config {
            cell,
            dropout: 0.2,
            layers: 2,
            ..small(TaskKind::Translation)
        };
        let lines = "one two\tuno dos\ntwo three four\tdos tres cuatro\nfive\tcinco\nfour one\tcuatro uno\n".repeat(20);
        let curve = |plain: bool| {
            kernels::use_reference(plain);
            let task = translation(&config, &lines).unwrap();
            let mut trainer = Trainer::new(task, config.clone(), &Device::flex()).unwrap();
            let curve = losses(&mut trainer, 6);
            kernels::use_reference(false);
            curve
        };
        for (kernels, plain) in curve(false).iter().zip(curve(true)) {
            assert!(
                (kernels - plain).abs() <= 1e-4 * plain,
                "{cell:?}: {kernels}, plain {plain}"
            );
        }
    }
}
