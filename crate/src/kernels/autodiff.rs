//! The gradients of the kernels.
//!
//! A scan returns several tensors, while an operation on Burn's tape has one. Its outputs are
//! therefore operations of their own on the scan: on the way back, which visits them first, each
//! leaves its gradient in a slot where the scan finds it.

use super::cross_entropy::{
    DenseGradients, LOGITS_AT_ONCE, chunked_cross_entropy, input_gradient, weight_gradient,
};
use super::extension::Kernels;
use super::primitives::{
    GruGradients, LstmGradients, Optional, Primitives, RnnGradients, SequenceTensors, Upstream,
};
use crate::config::Activation;
use burn::backend::autodiff::NodeId;
use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, AutodiffBackend, Backend, Shape, TensorMetadata};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

type Tracked<B, C> = FloatTensor<Autodiff<B, C>>;

/// A tensor without its place on the tape.
fn plain<B: Backend, C: CheckpointStrategy>(tensor: Tracked<B, C>) -> FloatTensor<B> {
    tensor.into_primitive()
}

fn sequences<B: Backend, C: CheckpointStrategy>(
    lengths: Optional<Autodiff<B, C>>,
    dropout: Optional<Autodiff<B, C>>,
) -> SequenceTensors<B> {
    SequenceTensors {
        lengths: lengths.into_option().map(plain::<B, C>),
        dropout: dropout.into_option().map(plain::<B, C>),
    }
}

/// A tensor and its place on the tape. Where there is none, the place is one that wants no gradient:
/// an operation has a fixed number of inputs.
fn optional<B: Backend, C: CheckpointStrategy>(
    tensor: Option<Tracked<B, C>>,
    stand_in: &FloatTensor<B>,
) -> (Option<FloatTensor<B>>, NodeGuard) {
    match tensor {
        Some(tensor) => {
            let (tensor, node) = tensor.into_parts();
            (Some(tensor), node)
        }
        None => (None, Autodiff::<B, C>::from_inner(stand_in.clone()).node()),
    }
}

/// Where the outputs of a scan leave their gradients.
#[derive(Clone, Debug)]
struct Slot<B: Backend>(Arc<Mutex<Upstream<B>>>);

impl<B: Backend> Slot<B> {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Upstream {
            outputs: None,
            hidden: None,
            cell: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Upstream<B>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gradients that are there by the time the scan's turn comes.
    fn take(&self) -> Upstream<B> {
        let mut upstream = self.lock();
        Upstream {
            outputs: upstream.outputs.take(),
            hidden: upstream.hidden.take(),
            cell: upstream.cell.take(),
        }
    }
}

/// One of the tensors that a scan returns.
#[derive(Clone, Copy, Debug)]
enum Output {
    Outputs,
    Hidden,
    Cell,
}

impl<B: Backend> Backward<B, 1> for Output {
    type State = Slot<B>;

    fn backward(self, ops: Ops<Slot<B>, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let mut slot = ops.state.lock();
        let is_first = slot.outputs.is_none() && slot.hidden.is_none() && slot.cell.is_none();
        // The tape wants a gradient for the scan before it runs it; one is enough.
        if let ([Some(scan)], true) = (ops.parents, is_first) {
            grads.register::<B>(scan.id, gradient.clone());
        }
        let place = match self {
            Self::Outputs => &mut slot.outputs,
            Self::Hidden => &mut slot.hidden,
            Self::Cell => &mut slot.cell,
        };
        *place = Some(gradient);
    }
}

impl Output {
    /// Puts this output of a scan on the tape.
    fn of<B: Backend, C: CheckpointStrategy>(
        self,
        scan: &Tracked<B, C>,
        slot: &Slot<B>,
        value: FloatTensor<B>,
    ) -> Tracked<B, C> {
        let place = slot.clone();
        record::<B, C, _, _, 1>(self, [scan.node()], |_| (value, Some(place), ())).0
    }
}

/// Puts an operation on the tape. `run` is told whether there will be a way back, and returns the
/// output, what the way back needs if there will be one, and what the caller wants besides.
fn record<B: Backend, C: CheckpointStrategy, Op: Backward<B, N>, R, const N: usize>(
    operation: Op,
    inputs: [NodeGuard; N],
    run: impl FnOnce(bool) -> (FloatTensor<B>, Option<Op::State>, R),
) -> (Tracked<B, C>, R) {
    match operation.prepare::<C>(inputs).compute_bound().stateful() {
        OpsKind::Tracked(prep) => {
            let (output, state, rest) = run(true);
            let state = state.expect("the way back was asked for");
            (prep.finish(state, output), rest)
        }
        OpsKind::UnTracked(prep) => {
            let (output, _, rest) = run(false);
            (prep.finish(output), rest)
        }
    }
}

/// Gives each input that wants one its gradient.
fn register<B: Backend, const N: usize>(
    grads: &mut Gradients,
    nodes: [Option<NodeId>; N],
    gradients: [FloatTensor<B>; N],
) {
    for (node, gradient) in nodes.into_iter().zip(gradients) {
        if let Some(node) = node {
            grads.register::<B>(node, gradient);
        }
    }
}

#[derive(Debug)]
struct LstmBackward;

#[derive(Clone, Debug)]
struct LstmState<B: Primitives> {
    kept: B::LstmKept,
    recurrent: FloatTensor<B>,
    hidden: Option<FloatTensor<B>>,
    cell: Option<FloatTensor<B>>,
    sequences: SequenceTensors<B>,
    slot: Slot<B>,
}

impl<B: Primitives> Backward<B, 4> for LstmBackward {
    type State = LstmState<B>;

    fn backward(self, ops: Ops<LstmState<B>, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        drop(grads.consume::<B>(&ops.node));
        let state = ops.state;
        let gradients = B::lstm_backward(
            state.kept,
            state.recurrent,
            state.hidden,
            state.cell,
            state.sequences,
            state.slot.take(),
        );
        let LstmGradients {
            input_half,
            recurrent,
            hidden,
            cell,
        } = gradients;
        register::<B, 4>(
            grads,
            ops.parents.map(|parent| parent.map(|node| node.id)),
            [input_half, recurrent, hidden, cell],
        );
    }
}

#[derive(Debug)]
struct GruBackward;

#[derive(Clone, Debug)]
struct GruState<B: Primitives> {
    kept: B::GruKept,
    recurrent: FloatTensor<B>,
    hidden: Option<FloatTensor<B>>,
    sequences: SequenceTensors<B>,
    slot: Slot<B>,
}

impl<B: Primitives> Backward<B, 4> for GruBackward {
    type State = GruState<B>;

    fn backward(self, ops: Ops<GruState<B>, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        drop(grads.consume::<B>(&ops.node));
        let state = ops.state;
        let gradients = B::gru_backward(
            state.kept,
            state.recurrent,
            state.hidden,
            state.sequences,
            state.slot.take(),
        );
        let GruGradients {
            input_half,
            recurrent,
            bias,
            hidden,
        } = gradients;
        register::<B, 4>(
            grads,
            ops.parents.map(|parent| parent.map(|node| node.id)),
            [input_half, recurrent, bias, hidden],
        );
    }
}

#[derive(Debug)]
struct RnnBackward;

#[derive(Clone, Debug)]
struct RnnState<B: Primitives> {
    kept: B::RnnKept,
    recurrent: FloatTensor<B>,
    activation: Activation,
    hidden: Option<FloatTensor<B>>,
    sequences: SequenceTensors<B>,
    slot: Slot<B>,
}

impl<B: Primitives> Backward<B, 3> for RnnBackward {
    type State = RnnState<B>;

    fn backward(self, ops: Ops<RnnState<B>, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        drop(grads.consume::<B>(&ops.node));
        let state = ops.state;
        let gradients = B::rnn_backward(
            state.kept,
            state.recurrent,
            state.activation,
            state.hidden,
            state.sequences,
            state.slot.take(),
        );
        let RnnGradients {
            input_half,
            recurrent,
            hidden,
        } = gradients;
        register::<B, 3>(
            grads,
            ops.parents.map(|parent| parent.map(|node| node.id)),
            [input_half, recurrent, hidden],
        );
    }
}

#[derive(Debug)]
struct ProductBackward;

impl<B: Primitives> Backward<B, 2> for ProductBackward {
    /// Left and right.
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (left, right) = ops.state;
        let [left_node, right_node] = ops.parents;
        if let Some(node) = left_node {
            grads.register::<B>(node.id, input_gradient::<B>(right, gradient.clone()));
        }
        if let Some(node) = right_node {
            grads.register::<B>(node.id, weight_gradient::<B>(left, gradient));
        }
    }
}

#[derive(Debug)]
struct LinearBackward;

impl<B: Primitives> Backward<B, 3> for LinearBackward {
    /// Rows and weight.
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (rows, weight) = ops.state;
        let [rows_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = rows_node {
            grads.register::<B>(node.id, input_gradient::<B>(weight, gradient.clone()));
        }
        if let Some(node) = weight_node {
            grads.register::<B>(node.id, weight_gradient::<B>(rows, gradient.clone()));
        }
        if let Some(node) = bias_node {
            grads.register::<B>(node.id, B::sum_rows(gradient));
        }
    }
}

#[derive(Debug)]
struct GatherBackward;

impl<B: Primitives> Backward<B, 2> for GatherBackward {
    /// The ids, and the number of rows that they choose from.
    type State = (IntTensor<B>, usize);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let (ids, vocabulary) = ops.state;
        let [weight, bias] = ops.parents;
        if let Some(node) = weight {
            let weight = B::segmented_sum(gradient.clone(), ids, vocabulary);
            grads.register::<B>(node.id, weight);
        }
        if let Some(node) = bias {
            grads.register::<B>(node.id, B::sum_rows(gradient));
        }
    }
}

#[derive(Debug)]
struct CrossEntropyBackward;

impl<B: Primitives> Backward<B, 3> for CrossEntropyBackward {
    type State = DenseGradients<B>;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let upstream = grads.consume::<B>(&ops.node); // [1]
        let scaled = |gradient: FloatTensor<B>| {
            let one = Shape::from(vec![1; gradient.shape().num_dims()]);
            B::float_mul(gradient, B::float_reshape(upstream.clone(), one))
        };
        let DenseGradients { rows, weight, bias } = ops.state;
        register::<B, 3>(
            grads,
            ops.parents.map(|parent| parent.map(|node| node.id)),
            [rows, weight, bias].map(scaled),
        );
    }
}

impl<B: Primitives, C: CheckpointStrategy> Kernels for Autodiff<B, C> {
    fn lstm(
        input_half: Tracked<B, C>,
        recurrent: Tracked<B, C>,
        hidden: Optional<Autodiff<B, C>>,
        cell: Optional<Autodiff<B, C>>,
        lengths: Optional<Autodiff<B, C>>,
        dropout: Optional<Autodiff<B, C>>,
    ) -> (Tracked<B, C>, Tracked<B, C>, Tracked<B, C>) {
        let sequences = sequences::<B, C>(lengths, dropout);
        let (input_half, input_node) = input_half.into_parts();
        let (recurrent, recurrent_node) = recurrent.into_parts();
        let (hidden, hidden_node) = optional::<B, C>(hidden.into_option(), &recurrent);
        let (cell, cell_node) = optional::<B, C>(cell.into_option(), &recurrent);
        let nodes = [input_node, recurrent_node, hidden_node, cell_node];
        let slot = Slot::new();
        let (scan, walk) = record::<B, C, _, _, 4>(LstmBackward, nodes, |keep| {
            let mut walk = B::lstm_forward(
                input_half,
                recurrent.clone(),
                hidden.clone(),
                cell.clone(),
                sequences.clone(),
                keep,
            );
            let state = walk.kept.take().map(|kept| LstmState {
                kept,
                recurrent,
                hidden,
                cell,
                sequences,
                slot: slot.clone(),
            });
            (walk.outputs.clone(), state, walk)
        });
        (
            Output::Outputs.of::<B, C>(&scan, &slot, walk.outputs),
            Output::Hidden.of::<B, C>(&scan, &slot, walk.hidden),
            Output::Cell.of::<B, C>(&scan, &slot, walk.cell),
        )
    }

    fn gru(
        input_half: Tracked<B, C>,
        recurrent: Tracked<B, C>,
        bias: Tracked<B, C>,
        hidden: Optional<Autodiff<B, C>>,
        lengths: Optional<Autodiff<B, C>>,
        dropout: Optional<Autodiff<B, C>>,
    ) -> (Tracked<B, C>, Tracked<B, C>) {
        let sequences = sequences::<B, C>(lengths, dropout);
        let (input_half, input_node) = input_half.into_parts();
        let (recurrent, recurrent_node) = recurrent.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let (hidden, hidden_node) = optional::<B, C>(hidden.into_option(), &recurrent);
        let nodes = [input_node, recurrent_node, bias_node, hidden_node];
        let slot = Slot::new();
        let (scan, walk) = record::<B, C, _, _, 4>(GruBackward, nodes, |keep| {
            let mut walk = B::gru_forward(
                input_half,
                recurrent.clone(),
                bias,
                hidden.clone(),
                sequences.clone(),
                keep,
            );
            let state = walk.kept.take().map(|kept| GruState {
                kept,
                recurrent,
                hidden,
                sequences,
                slot: slot.clone(),
            });
            (walk.outputs.clone(), state, walk)
        });
        (
            Output::Outputs.of::<B, C>(&scan, &slot, walk.outputs),
            Output::Hidden.of::<B, C>(&scan, &slot, walk.hidden),
        )
    }

    fn rnn(
        input_half: Tracked<B, C>,
        recurrent: Tracked<B, C>,
        activation: Activation,
        hidden: Optional<Autodiff<B, C>>,
        lengths: Optional<Autodiff<B, C>>,
        dropout: Optional<Autodiff<B, C>>,
    ) -> (Tracked<B, C>, Tracked<B, C>) {
        let sequences = sequences::<B, C>(lengths, dropout);
        let (input_half, input_node) = input_half.into_parts();
        let (recurrent, recurrent_node) = recurrent.into_parts();
        let (hidden, hidden_node) = optional::<B, C>(hidden.into_option(), &recurrent);
        let nodes = [input_node, recurrent_node, hidden_node];
        let slot = Slot::new();
        let (scan, walk) = record::<B, C, _, _, 3>(RnnBackward, nodes, |keep| {
            let mut walk = B::rnn_forward(
                input_half,
                recurrent.clone(),
                activation,
                hidden.clone(),
                sequences.clone(),
                keep,
            );
            let state = walk.kept.take().map(|kept| RnnState {
                kept,
                recurrent,
                activation,
                hidden,
                sequences,
                slot: slot.clone(),
            });
            (walk.outputs.clone(), state, walk)
        });
        (
            Output::Outputs.of::<B, C>(&scan, &slot, walk.outputs),
            Output::Hidden.of::<B, C>(&scan, &slot, walk.hidden),
        )
    }

    fn product(left: Tracked<B, C>, right: Tracked<B, C>) -> Tracked<B, C> {
        let (left, left_node) = left.into_parts();
        let (right, right_node) = right.into_parts();
        let nodes = [left_node, right_node];
        let (product, ()) = record::<B, C, _, _, 2>(ProductBackward, nodes, |_| {
            let product = <B as Primitives>::product(left.clone(), right.clone(), None);
            (product, Some((left, right)), ())
        });
        product
    }

    fn linear(rows: Tracked<B, C>, weight: Tracked<B, C>, bias: Tracked<B, C>) -> Tracked<B, C> {
        let (rows, rows_node) = rows.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let nodes = [rows_node, weight_node, bias_node];
        let (sums, ()) = record::<B, C, _, _, 3>(LinearBackward, nodes, |_| {
            let sums = <B as Primitives>::product(rows.clone(), weight.clone(), Some(bias));
            (sums, Some((rows, weight)), ())
        });
        sums
    }

    fn gather(weight: Tracked<B, C>, ids: IntTensor<B>) -> Tracked<B, C> {
        gather::<B, C>(weight, ids, None)
    }

    fn one_hot_linear(
        weight: Tracked<B, C>,
        ids: IntTensor<B>,
        bias: Tracked<B, C>,
    ) -> Tracked<B, C> {
        gather::<B, C>(weight, ids, Some(bias))
    }

    fn cross_entropy(
        rows: Tracked<B, C>,
        weight: Tracked<B, C>,
        bias: Tracked<B, C>,
        targets: IntTensor<B>,
        mask: Tracked<B, C>,
    ) -> (Tracked<B, C>, Tracked<B, C>) {
        let (rows, rows_node) = rows.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let mask = plain::<B, C>(mask);
        let nodes = [rows_node, weight_node, bias_node];
        let (nats, correct) = record::<B, C, _, _, 3>(CrossEntropyBackward, nodes, |gradients| {
            let sums = chunked_cross_entropy::<B>(
                rows,
                weight,
                bias,
                targets,
                mask,
                gradients,
                LOGITS_AT_ONCE,
            );
            (sums.nats, sums.gradients, sums.correct)
        });
        (nats, Self::from_inner(correct))
    }
}

fn gather<B: Primitives, C: CheckpointStrategy>(
    weight: Tracked<B, C>,
    ids: IntTensor<B>,
    bias: Option<Tracked<B, C>>,
) -> Tracked<B, C> {
    let (weight, weight_node) = weight.into_parts();
    let (bias, bias_node) = optional::<B, C>(bias, &weight);
    let vocabulary = weight.shape()[0];
    let nodes = [weight_node, bias_node];
    let (rows, ()) = record::<B, C, _, _, 2>(GatherBackward, nodes, |_| {
        let rows = <B as Primitives>::gather(weight, ids.clone(), bias);
        (rows, Some((ids, vocabulary)), ())
    });
    rows
}
