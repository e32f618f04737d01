//! The kernels on the CPU: Burn's Flex tensors in and out of the loops of [`cpu`](super::cpu).

use super::Rule;
use super::cpu::product::{View, multiply, multiply_add};
use super::cpu::{self, Sequences, Shape, gru, lstm, rnn, rows, softmax, update};
use super::primitives::{
    GruGradients, GruWalk, LstmGradients, LstmWalk, Optional, Primitives, RnnGradients, RnnWalk,
    SequenceTensors, Updates, Upstream,
};
use super::rule::CLIP_EPSILON;
use crate::config::Activation;
use burn::backend::flex::FlexTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::tensor::TensorData;

/// A tensor of these values.
fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn dims<const D: usize>(tensor: &FlexTensor) -> [usize; D] {
    tensor.shape().dims()
}

/// The values of a tensor, in row-major order.
#[derive(Clone)]
struct Values(FlexTensor);

impl Values {
    fn of(tensor: FlexTensor) -> Self {
        Self(tensor.to_contiguous())
    }

    fn slice(&self) -> &[f32] {
        self.0
            .as_slice()
            .expect("floats are f32 and contiguous here")
    }
}

fn optional(values: &Option<Values>) -> Option<&[f32]> {
    values.as_ref().map(Values::slice)
}

/// The values of a tensor, to be overwritten; not copied where nobody else holds them and the tensor is all there
/// is of its memory.
fn owned(tensor: FlexTensor) -> Vec<f32> {
    tensor
        .into_data()
        .try_into_vec()
        .expect("floats are f32 here")
}

fn ids(tensor: FlexTensor) -> Vec<i32> {
    tensor.into_data().iter::<i32>().collect()
}

/// The shape of a walk, from its outputs or gates and the number of hidden units.
fn shape(steps: &FlexTensor, hidden: usize) -> Shape {
    let [time, batch, _] = dims(steps);
    Shape {
        time,
        batch,
        hidden,
    }
}

/// What a scan borrows for its sequences.
struct Held {
    lengths: Option<Values>,
    dropout: Option<Values>,
}

impl Held {
    fn new(sequences: SequenceTensors<Flex>) -> Self {
        Self {
            lengths: sequences.lengths.map(Values::of),
            dropout: sequences.dropout.map(Values::of),
        }
    }

    fn borrow(&self) -> Sequences<'_> {
        Sequences {
            lengths: optional(&self.lengths),
            dropout: optional(&self.dropout),
        }
    }
}

/// What a scan borrows of the gradients that reach it.
struct HeldUpstream {
    outputs: Option<Values>,
    hidden: Option<Values>,
    cell: Option<Values>,
}

impl HeldUpstream {
    fn new(upstream: Upstream<Flex>) -> Self {
        Self {
            outputs: upstream.outputs.map(Values::of),
            hidden: upstream.hidden.map(Values::of),
            cell: upstream.cell.map(Values::of),
        }
    }

    fn borrow(&self) -> cpu::Upstream<'_> {
        cpu::Upstream {
            outputs: optional(&self.outputs),
            hidden: optional(&self.hidden),
            cell: optional(&self.cell),
        }
    }
}

/// The state after the last time step, from the states of all `[time, batch, hidden]`.
fn last(states: &[f32], shape: Shape) -> FlexTensor {
    let size = shape.batch * shape.hidden;
    let values = states[states.len() - size..].to_vec();
    tensor(values, [shape.batch, shape.hidden])
}

/// What an LSTM's walk leaves for the way back.
#[derive(Clone, Debug)]
pub struct LstmKept {
    /// `[time, batch, hidden]`
    outputs: FlexTensor,
    /// The gates i, f, g, o after their activation, `[time, batch, 4·hidden]`. They take the place of the
    /// input half, which nobody needs any more.
    gates: FlexTensor,
    /// `[time, batch, hidden]`
    cells: FlexTensor,
}

/// What a GRU's walk leaves for the way back.
#[derive(Clone, Debug)]
pub struct GruKept {
    /// `[time, batch, hidden]`
    outputs: FlexTensor,
    /// z, r, ĥ and what r multiplied, `[time, batch, 4·hidden]`.
    blocks: FlexTensor,
}

impl Primitives for Flex {
    type LstmKept = LstmKept;
    type GruKept = GruKept;
    /// All hidden states, `[time, batch, hidden]`.
    type RnnKept = FlexTensor;

    fn lstm_forward(
        input_half: FlexTensor,
        recurrent: FlexTensor,
        hidden: Option<FlexTensor>,
        cell: Option<FlexTensor>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> LstmWalk<Self> {
        let [units, width] = dims(&recurrent);
        let shape = shape(&input_half, units);
        let (hidden, cell) = (hidden.map(Values::of), cell.map(Values::of));
        let mut gates = owned(input_half);
        let walk = lstm::forward(
            shape,
            &mut gates,
            Values::of(recurrent).slice(),
            optional(&hidden),
            optional(&cell),
            Held::new(sequences).borrow(),
            keep,
        );
        let all = [shape.time, shape.batch, units];
        let hidden = last(&walk.outputs, shape);
        let cell = last(&walk.cells, shape);
        let outputs = tensor(walk.outputs, all);
        let kept = keep.then(|| LstmKept {
            outputs: outputs.clone(),
            gates: tensor(gates, [shape.time, shape.batch, width]),
            cells: tensor(walk.cells, all),
        });
        LstmWalk {
            outputs,
            hidden,
            cell,
            kept,
        }
    }

    fn lstm_backward(
        kept: LstmKept,
        recurrent: FlexTensor,
        hidden: Option<FlexTensor>,
        cell: Option<FlexTensor>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> LstmGradients<Self> {
        let [units, width] = dims(&recurrent);
        let shape = shape(&kept.gates, units);
        let (hidden, cell) = (hidden.map(Values::of), cell.map(Values::of));
        let held = Held::new(sequences);
        let mut gates = owned(kept.gates);
        let initial = lstm::backward(
            shape,
            &mut gates,
            Values::of(kept.cells).slice(),
            Values::of(recurrent).slice(),
            optional(&cell),
            held.borrow(),
            HeldUpstream::new(upstream).borrow(),
        );
        let outputs = Values::of(kept.outputs);
        let recurrent = cpu::recurrent_gradient(
            shape,
            outputs.slice(),
            optional(&hidden),
            optional(&held.dropout),
            &gates,
        );
        let state = [shape.batch, units];
        LstmGradients {
            input_half: tensor(gates, [shape.time, shape.batch, width]),
            recurrent: tensor(recurrent, [units, width]),
            hidden: tensor(initial.h0, state),
            cell: tensor(initial.c0, state),
        }
    }

    fn gru_forward(
        input_half: FlexTensor,
        recurrent: FlexTensor,
        bias: FlexTensor,
        hidden: Option<FlexTensor>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> GruWalk<Self> {
        let [units, _] = dims(&recurrent);
        let shape = shape(&input_half, units);
        let hidden = hidden.map(Values::of);
        let walk = gru::forward(
            shape,
            Values::of(input_half).slice(),
            Values::of(recurrent).slice(),
            Values::of(bias).slice(),
            optional(&hidden),
            Held::new(sequences).borrow(),
            keep,
        );
        let hidden = last(&walk.outputs, shape);
        let outputs = tensor(walk.outputs, [shape.time, shape.batch, units]);
        let kept = keep.then(|| GruKept {
            outputs: outputs.clone(),
            blocks: tensor(walk.kept, [shape.time, shape.batch, 4 * units]),
        });
        GruWalk {
            outputs,
            hidden,
            kept,
        }
    }

    fn gru_backward(
        kept: GruKept,
        recurrent: FlexTensor,
        hidden: Option<FlexTensor>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> GruGradients<Self> {
        let [units, width] = dims(&recurrent);
        let shape = shape(&kept.blocks, units);
        let hidden = hidden.map(Values::of);
        let held = Held::new(sequences);
        let outputs = Values::of(kept.outputs);
        let mut blocks = owned(kept.blocks);
        let initial = gru::backward(
            shape,
            &mut blocks,
            outputs.slice(),
            Values::of(recurrent).slice(),
            optional(&hidden),
            held.borrow(),
            HeldUpstream::new(upstream).borrow(),
        );
        let recurrent = gru::recurrent_gradient(
            shape,
            outputs.slice(),
            optional(&hidden),
            optional(&held.dropout),
            &blocks,
        );
        // Blocks z, r and, of the candidate, the recurrent half.
        let mut bias = rows::sum(&blocks, 4 * units);
        bias.drain(2 * units..3 * units);
        let blocks = tensor(blocks, [shape.time, shape.batch, 4 * units]);
        GruGradients {
            input_half: blocks.narrow(2, 0, width),
            recurrent: tensor(recurrent, [units, width]),
            bias: tensor(bias, [width]),
            hidden: tensor(initial, [shape.batch, units]),
        }
    }

    fn rnn_forward(
        input_half: FlexTensor,
        recurrent: FlexTensor,
        activation: Activation,
        hidden: Option<FlexTensor>,
        sequences: SequenceTensors<Self>,
        keep: bool,
    ) -> RnnWalk<Self> {
        let [units, _] = dims(&recurrent);
        let shape = shape(&input_half, units);
        let hidden = hidden.map(Values::of);
        let mut states = owned(input_half);
        rnn::forward(
            shape,
            &mut states,
            Values::of(recurrent).slice(),
            activation,
            optional(&hidden),
            Held::new(sequences).borrow(),
        );
        let hidden = last(&states, shape);
        let outputs = tensor(states, [shape.time, shape.batch, units]);
        RnnWalk {
            kept: keep.then(|| outputs.clone()),
            outputs,
            hidden,
        }
    }

    fn rnn_backward(
        outputs: FlexTensor,
        recurrent: FlexTensor,
        activation: Activation,
        hidden: Option<FlexTensor>,
        sequences: SequenceTensors<Self>,
        upstream: Upstream<Self>,
    ) -> RnnGradients<Self> {
        let [units, _] = dims(&recurrent);
        let shape = shape(&outputs, units);
        let hidden = hidden.map(Values::of);
        let held = Held::new(sequences);
        let outputs = Values::of(outputs);
        let gradients = rnn::backward(
            shape,
            outputs.slice(),
            Values::of(recurrent).slice(),
            activation,
            held.borrow(),
            HeldUpstream::new(upstream).borrow(),
        );
        let recurrent = cpu::recurrent_gradient(
            shape,
            outputs.slice(),
            optional(&hidden),
            optional(&held.dropout),
            &gradients.x,
        );
        RnnGradients {
            input_half: tensor(gradients.x, [shape.time, shape.batch, units]),
            recurrent: tensor(recurrent, [units, units]),
            hidden: tensor(gradients.h0, [shape.batch, units]),
        }
    }

    fn product(left: FlexTensor, right: FlexTensor, bias: Option<FlexTensor>) -> FlexTensor {
        let shape = left.shape();
        let rank = shape.num_dims();
        let (rows, columns) = (shape[rank - 2], right.shape()[rank - 1]);
        let batches: usize = shape.iter().take(rank - 2).product();
        let (left, right) = (Matrices::new(left), Matrices::new(right));
        let bias = bias.map(Values::of);
        let mut values = vec![0f32; batches * rows * columns];
        for batch in 0..batches {
            let out = &mut values[batch * rows * columns..][..rows * columns];
            match optional(&bias) {
                None => multiply(left.matrix(batch), right.matrix(batch), out, columns),
                Some(bias) => {
                    out.chunks_mut(columns)
                        .for_each(|row| row.copy_from_slice(bias));
                    multiply_add(left.matrix(batch), right.matrix(batch), out, columns);
                }
            }
        }
        let mut shape = shape;
        shape[rank - 1] = columns;
        FlexTensor::from_data(TensorData::new(values, shape))
    }

    fn gather(weight: FlexTensor, chosen: FlexTensor, bias: Option<FlexTensor>) -> FlexTensor {
        let [_, width] = dims(&weight);
        let chosen = ids(chosen);
        let bias = bias.map(Values::of);
        let values = rows::gather(Values::of(weight).slice(), width, &chosen, optional(&bias));
        tensor(values, [chosen.len(), width])
    }

    fn segmented_sum(gradient: FlexTensor, chosen: FlexTensor, vocabulary: usize) -> FlexTensor {
        let [_, width] = dims(&gradient);
        let mut sums = vec![0f32; vocabulary * width];
        rows::scatter_add(&mut sums, width, &ids(chosen), Values::of(gradient).slice());
        tensor(sums, [vocabulary, width])
    }

    fn sum_rows(all: FlexTensor) -> FlexTensor {
        let [_, width] = dims(&all);
        tensor(rows::sum(Values::of(all).slice(), width), [width])
    }

    fn softmax_cross_entropy(
        logits: FlexTensor,
        targets: FlexTensor,
        mask: FlexTensor,
        gradient: bool,
    ) -> (FlexTensor, FlexTensor, Option<FlexTensor>) {
        let shape: [usize; 2] = dims(&logits);
        let mut logits = owned(logits);
        let mask = Values::of(mask);
        let sums = softmax::cross_entropy(&mut logits, &ids(targets), mask.slice(), gradient);
        (
            tensor(vec![sums.nats], [1]),
            tensor(vec![sums.correct], [1]),
            gradient.then(|| tensor(logits, shape)),
        )
    }
}

impl Updates for Flex {
    fn update(
        rule: Rule,
        weight: FlexTensor,
        gradient: FlexTensor,
        mean: FlexTensor,
        square: Optional<Self>,
        scale: Optional<Self>,
    ) -> (FlexTensor, FlexTensor, Option<FlexTensor>) {
        let shape: [usize; 1] = dims(&mean);
        let scale = match scale {
            Optional::Given(scale) => Values::of(scale).slice()[0],
            Optional::Missing => 1.0,
        };
        let (mut weight, mut mean) = (owned(weight), owned(mean));
        let mut square = square.into_option().map(owned);
        let gradient = Values::of(gradient);
        update::update(
            rule,
            &mut weight,
            [&mut mean, square.as_deref_mut().unwrap_or_default()],
            gradient.slice(),
            scale,
        );
        let square = square.map(|square| tensor(square, shape));
        (tensor(weight, shape), tensor(mean, shape), square)
    }

    fn add_squares(others: Optional<Self>, gradient: FlexTensor) -> FlexTensor {
        let squares = update::sum_of_squares(Values::of(gradient).slice());
        let others = match others {
            Optional::Given(others) => Values::of(others).slice()[0],
            Optional::Missing => 0.0,
        };
        tensor(vec![others + squares as f32], [1])
    }

    fn clip_scale(squares: FlexTensor, limit: f64) -> FlexTensor {
        let norm = f64::from(Values::of(squares).slice()[0]).sqrt();
        tensor(vec![(limit / (norm + CLIP_EPSILON)).min(1.0) as f32], [1])
    }
}

/// A batch of matrices that lie in memory by rows or, transposed, by columns.
struct Matrices {
    tensor: FlexTensor,
    rows: usize,
    columns: usize,
    /// From one matrix to the next.
    step: usize,
    /// From one row to the next, or one column where `transposed`.
    stride: usize,
    transposed: bool,
}

impl Matrices {
    fn new(tensor: FlexTensor) -> Self {
        let tensor = if Self::strides(&tensor).is_some() {
            tensor
        } else {
            tensor.to_contiguous()
        };
        let (step, stride, transposed) = Self::strides(&tensor).unwrap_or_default();
        let shape = tensor.shape();
        let rank = shape.num_dims();
        Self {
            rows: shape[rank - 2],
            columns: shape[rank - 1],
            tensor,
            step,
            stride,
            transposed,
        }
    }

    /// From matrix to matrix, from line to line, and whether a line is a column; none where neither
    /// rows nor columns are contiguous.
    fn strides(tensor: &FlexTensor) -> Option<(usize, usize, bool)> {
        let strides: Vec<usize> = tensor
            .layout()
            .strides()
            .iter()
            .map(|&stride| usize::try_from(stride).ok())
            .collect::<Option<_>>()?;
        let step = if strides.len() > 2 {
            strides[strides.len() - 3]
        } else {
            0
        };
        match strides[strides.len() - 2..] {
            [stride, 1] if stride > 0 => Some((step, stride, false)),
            [1, stride] if stride > 0 => Some((step, stride, true)),
            _ => None,
        }
    }

    fn matrix(&self, index: usize) -> View<'_> {
        let start = self.tensor.layout().start_offset() + index * self.step;
        let data = &self.tensor.storage::<f32>()[start..];
        if self.transposed {
            View::strided(data, self.columns, self.rows, self.stride).transposed()
        } else {
            View::strided(data, self.rows, self.columns, self.stride)
        }
    }
}
