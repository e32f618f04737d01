//! How weights start: as Keras does it, or as PyTorch does, always from our own generator.

use crate::config::Initialisation;
use crate::rng::Rng;
use burn::module::Param;
use burn::prelude::*;

/// Draws the first weights of a network, one after the other, from one generator.
pub struct Init<'a> {
    pub style: Initialisation,
    pub rng: &'a mut Rng,
    pub device: &'a Device,
}

impl Init<'_> {
    fn param<const D: usize>(&self, values: Vec<f32>, shape: [usize; D]) -> Param<Tensor<D>> {
        Param::from_tensor(Tensor::from_data(
            TensorData::new(values, shape),
            self.device,
        ))
    }

    fn uniform<const D: usize>(&mut self, limit: f32, shape: [usize; D]) -> Param<Tensor<D>> {
        let count = shape.iter().product();
        let values = (0..count)
            .map(|_| (2.0 * self.rng.uniform() - 1.0) * limit)
            .collect();
        self.param(values, shape)
    }

    fn normal(&mut self, shape: [usize; 2]) -> Param<Tensor<2>> {
        let values = (0..shape[0] * shape[1])
            .map(|_| self.rng.normal())
            .collect();
        self.param(values, shape)
    }

    /// A vector of zeros.
    pub fn zeros<const D: usize>(&self, shape: [usize; D]) -> Param<Tensor<D>> {
        self.param(vec![0.0; shape.iter().product()], shape)
    }

    /// Input weights of a recurrent layer, `[input, gates·hidden]`.
    ///
    /// Keras: Glorot uniform over the whole matrix (Glorot and Bengio 2010). PyTorch: ±1/√hidden.
    pub fn input_weights(&mut self, input: usize, gates: usize, hidden: usize) -> Param<Tensor<2>> {
        let shape = [input, gates * hidden];
        match self.style {
            Initialisation::Keras => self.uniform(glorot(shape), shape),
            Initialisation::PyTorch => self.uniform(inverse_root(hidden), shape),
        }
    }

    /// Recurrent weights, `[hidden, gates·hidden]`.
    ///
    /// Keras: orthogonal rows (Saxe et al. 2014). PyTorch: ±1/√hidden.
    pub fn recurrent_weights(&mut self, gates: usize, hidden: usize) -> Param<Tensor<2>> {
        let shape = [hidden, gates * hidden];
        match self.style {
            Initialisation::Keras => {
                let values = orthogonal_rows(shape, self.rng);
                self.param(values, shape)
            }
            Initialisation::PyTorch => self.uniform(inverse_root(hidden), shape),
        }
    }

    /// The two biases of a GRU, `[2, 3·hidden]`. Keras: zeros. PyTorch: ±1/√hidden.
    pub fn gru_bias(&mut self, hidden: usize) -> Param<Tensor<2>> {
        let shape = [2, 3 * hidden];
        match self.style {
            Initialisation::Keras => self.zeros(shape),
            Initialisation::PyTorch => self.uniform(inverse_root(hidden), shape),
        }
    }

    /// The bias of a simple recurrent layer, `[hidden]`. Keras: zeros. PyTorch: see [`Self::lstm_bias`].
    pub fn rnn_bias(&mut self, hidden: usize) -> Param<Tensor<1>> {
        match self.style {
            Initialisation::Keras => self.zeros([hidden]),
            Initialisation::PyTorch => self.summed_bias(hidden, hidden),
        }
    }

    /// The LSTM's bias, `[4·hidden]`. Keras: zeros, and 1 for the forget gate, so that a fresh
    /// network remembers (Jozefowicz et al. 2015). PyTorch draws two biases that are only ever
    /// added up; ours is their sum.
    pub fn lstm_bias(&mut self, hidden: usize) -> Param<Tensor<1>> {
        match self.style {
            Initialisation::Keras => {
                let forget = |index: usize| f32::from(u8::from(index / hidden == 1));
                self.param((0..4 * hidden).map(forget).collect(), [4 * hidden])
            }
            Initialisation::PyTorch => self.summed_bias(hidden, 4 * hidden),
        }
    }

    fn summed_bias(&mut self, hidden: usize, count: usize) -> Param<Tensor<1>> {
        let limit = inverse_root(hidden);
        let mut draw = || (2.0 * self.rng.uniform() - 1.0) * limit;
        let values = (0..count).map(|_| draw() + draw()).collect();
        self.param(values, [count])
    }

    /// Weights of a dense layer `[input, output]`. Keras: Glorot uniform. PyTorch: ±1/√input.
    pub fn dense_weights(&mut self, shape: [usize; 2]) -> Param<Tensor<2>> {
        match self.style {
            Initialisation::Keras => self.uniform(glorot(shape), shape),
            Initialisation::PyTorch => self.uniform(inverse_root(shape[0]), shape),
        }
    }

    /// The bias of a dense layer `[output]` with so many inputs. Keras: zeros. PyTorch: ±1/√input.
    pub fn dense_bias(&mut self, input: usize, output: usize) -> Param<Tensor<1>> {
        match self.style {
            Initialisation::Keras => self.zeros([output]),
            Initialisation::PyTorch => self.uniform(inverse_root(input), [output]),
        }
    }

    /// A vector per token, `[vocabulary, embedding]`. Keras: uniform in ±0.05. PyTorch: standard normal.
    pub fn embedding(&mut self, vocabulary: usize, size: usize) -> Param<Tensor<2>> {
        match self.style {
            Initialisation::Keras => self.uniform(0.05, [vocabulary, size]),
            Initialisation::PyTorch => self.normal([vocabulary, size]),
        }
    }

    /// The vectors of words as word2vec starts them, `[vocabulary, size]`: uniform in ±0.5/size, so
    /// that all words begin next to each other.
    pub fn word_vectors(&mut self, vocabulary: usize, size: usize) -> Param<Tensor<2>> {
        self.uniform(0.5 / size as f32, [vocabulary, size])
    }
}

fn glorot([input, output]: [usize; 2]) -> f32 {
    (6.0 / (input + output) as f32).sqrt()
}

fn inverse_root(size: usize) -> f32 {
    1.0 / (size as f32).sqrt()
}

/// A random matrix `[rows, columns]`, rows ≤ columns, whose rows are orthonormal: Gram–Schmidt on
/// normal draws, each row projected twice so that rounding does not add up.
fn orthogonal_rows([rows, columns]: [usize; 2], rng: &mut Rng) -> Vec<f32> {
    let mut matrix: Vec<f32> = Vec::with_capacity(rows * columns);
    while matrix.len() < rows * columns {
        let mut row: Vec<f32> = (0..columns).map(|_| rng.normal()).collect();
        for _ in 0..2 {
            for earlier in matrix.chunks_exact(columns) {
                let overlap = dot(&row, earlier);
                row.iter_mut()
                    .zip(earlier)
                    .for_each(|(a, b)| *a -= overlap * b);
            }
        }
        let norm = dot(&row, &row).sqrt();
        matrix.extend(row.iter().map(|a| a / norm));
    }
    matrix
}

/// The scalar product, in eight sums at a time: a single one would be a chain of additions that no
/// processor can overlap, and a large orthogonal matrix would take seconds.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<8>();
    let (b_chunks, b_rest) = b.as_chunks::<8>();
    let mut sums = [0f32; 8];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}
