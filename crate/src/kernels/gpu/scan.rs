//! What the three cells' walks through time share: the shape of their launches, the tile of the
//! batch in workgroup memory and its product with the recurrent weights.
//!
//! One dispatch walks a whole layer and direction through time. Each invocation owns four
//! neighbouring units of a few rows of the batch, so that one load of four weights serves all
//! these rows, and one load of four hidden values all these units; a workgroup owns all units of its rows,
//! and so waits for nobody but itself.

use super::{ALIGNMENT, MOST_UNITS, Quad, empty, view};
use burn::backend::TensorMetadata;
use burn_cubecl::{kernel::into_contiguous, tensor::CubeTensor};
use cubecl::prelude::*;

/// The most quads in workgroup memory: 16 KiB.
const MOST_QUADS: usize = 1024;

/// How a walk is spread over the GPU. Each choice is made here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Spread {
    pub hidden: usize,
    /// Rows of the batch that an invocation owns.
    pub rows: usize,
    /// Invocations along the units, four units each.
    pub quads: usize,
    /// Invocations along the batch.
    pub lanes: usize,
    /// Gates in workgroup memory at a time.
    pub gates: usize,
}

impl Spread {
    /// For a walk that puts `gates` values a unit and row into workgroup memory, or, where these are
    /// too many, one at a time. The same for all batches: another spread is another shader.
    pub fn new(hidden: usize, gates: usize, rows: usize) -> Self {
        let quads = hidden.div_ceil(4);
        // Rows share each load of weights; the hidden tile of the largest layers has room for four.
        let rows = rows.min(MOST_QUADS / quads);
        // A narrow layer would leave most of a workgroup's lanes idle: two full warps are enough.
        let lanes = (64 / quads).max(1);
        let fits = gates * quads * rows * lanes <= MOST_QUADS;
        assert!(quads * lanes <= MOST_UNITS, "at most 1,024 hidden units");
        Self {
            hidden,
            rows,
            quads,
            lanes,
            gates: if fits { gates } else { 1 },
        }
    }

    pub fn workgroups(&self, batch: usize) -> CubeCount {
        CubeCount::Static(batch.div_ceil(self.rows * self.lanes) as u32, 1, 1)
    }

    /// Quads of one gate of a workgroup's rows.
    pub fn tile(&self) -> usize {
        self.quads * self.rows * self.lanes
    }

    pub fn units(&self) -> CubeDim {
        CubeDim::new_2d(self.quads as u32, self.lanes as u32)
    }

    /// Values loaded together: four where rows of units start at multiples of four.
    pub fn vector(&self) -> usize {
        super::vector(self.hidden)
    }
}

/// Where a walk's states are in its one buffer, in values. A state's initial value stands right before its
/// first time step, so that every step finds the one before it `batch·hidden` values back; what
/// is handed out starts at aligned places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    time: usize,
    batch: usize,
    hidden: usize,
    tracks: usize,
}

impl Memory {
    /// For `tracks` states of which every step is kept.
    pub fn new(time: usize, batch: usize, hidden: usize, tracks: usize) -> Self {
        Self {
            time,
            batch,
            hidden,
            tracks,
        }
    }

    /// Time steps, sequences and units.
    pub fn dims(&self) -> [usize; 3] {
        [self.time, self.batch, self.hidden]
    }

    fn state(&self) -> usize {
        (self.batch * self.hidden).next_multiple_of(ALIGNMENT)
    }

    fn track(&self) -> usize {
        self.state() + (self.time * self.batch * self.hidden).next_multiple_of(ALIGNMENT)
    }

    /// Where the first time step of a track is.
    pub fn first(&self, track: usize) -> usize {
        track * self.track() + self.state()
    }

    /// Where the initial value of a track is.
    pub fn initial(&self, track: usize) -> usize {
        self.first(track) - self.batch * self.hidden
    }

    /// Where the final value of a state is.
    pub fn last(&self, state: usize) -> usize {
        self.tracks * self.track() + state * self.state()
    }

    /// A new buffer, with room for the final values of `states`.
    pub fn allocate(&self, like: &CubeTensor, states: usize) -> CubeTensor {
        empty(like, [self.last(states)])
    }

    /// All time steps of a track, `[time, batch, hidden]`.
    pub fn steps(&self, buffer: &CubeTensor, track: usize) -> CubeTensor {
        view(
            buffer,
            self.first(track),
            [self.time, self.batch, self.hidden],
        )
    }

    /// The final value of a state, `[batch, hidden]`.
    pub fn final_value(&self, buffer: &CubeTensor, state: usize) -> CubeTensor {
        view(buffer, self.last(state), [self.batch, self.hidden])
    }
}

/// The gradients of `states` final values, one after another in a buffer that the walk backward turns into
/// the gradients of the initial values; and whether they are there at all.
pub(super) fn final_gradients(
    like: &CubeTensor,
    memory: &Memory,
    gradients: &[Option<CubeTensor>],
) -> (CubeTensor, Vec<u32>) {
    let size = memory.state();
    let buffer = empty(like, [gradients.len() * size]);
    for (state, gradient) in gradients.iter().enumerate() {
        if let Some(gradient) = gradient {
            place(gradient.clone(), &buffer, state * size);
        }
    }
    let there = gradients
        .iter()
        .map(|gradient| u32::from(gradient.is_some()));
    (buffer, there.collect())
}

/// The gradient of the initial value of a state, from the buffer of [`final_gradients`].
pub(super) fn initial_gradient(buffer: &CubeTensor, memory: &Memory, state: usize) -> CubeTensor {
    view(
        buffer,
        state * memory.state(),
        [memory.batch, memory.hidden],
    )
}

/// Copies a tensor to value `at` of a buffer.
pub(super) fn place(from: CubeTensor, to: &CubeTensor, at: usize) {
    let from = into_contiguous(from);
    let count = from.meta.num_elements();
    // SAFETY: the kernel stops at `count`, for which the caller made room.
    unsafe {
        place_kernel::launch_unchecked(
            &to.client,
            super::workgroups(count, MOST_UNITS),
            CubeDim::new_1d(MOST_UNITS as u32),
            from.into_buffer_arg(),
            to.clone().into_buffer_arg(),
            count,
            at,
        );
    }
}

#[cube(launch_unchecked)]
fn place_kernel(from: &[f32], to: &mut [f32], count: usize, at: usize) {
    if ABSOLUTE_POS < count {
        to[at + ABSOLUTE_POS] = from[ABSOLUTE_POS];
    }
}

/// `[gates·hidden, hidden]`: what the walk backward multiplies by.
pub(super) fn transposed(recurrent: CubeTensor) -> CubeTensor {
    let [rows, columns] = recurrent.shape().dims();
    let strides = recurrent.meta.strides();
    let strides = [strides[1], strides[0]];
    let mut turned = recurrent;
    turned.meta.shape = [columns, rows].into();
    turned.meta.strides = strides.into();
    into_contiguous(turned)
}

/// The logistic function `1 / (1 + e^−x)`.
#[cube]
pub(super) fn sigmoid(x: Quad) -> Quad {
    let one = Quad::new(1.0f32);
    one / (one + (Quad::new(0.0f32) - x).exp())
}

/// The hyperbolic tangent by way of the logistic function: WGSL's own is not a number for large arguments
/// on some GPUs.
#[cube]
pub(super) fn tanh(x: Quad) -> Quad {
    let two = Quad::new(2.0f32);
    two * sigmoid(two * x) - Quad::new(1.0f32)
}

/// Four values of a row of units from unit `unit` on, `at` being where that unit is. Past the last
/// unit it repeats it.
#[cube]
pub(super) fn load<N: Size>(
    from: &[Vector<f32, N>],
    at: usize,
    unit: usize,
    #[comptime] hidden: usize,
) -> Quad {
    let mut values = Quad::new(0.0f32);
    if comptime![hidden.is_multiple_of(4)] {
        let vector = from[at / 4];
        #[unroll]
        for i in 0..4usize {
            values.insert(i, vector.extract(i));
        }
    } else {
        #[unroll]
        for i in 0..4usize {
            let next = min(i, comptime![hidden - 1] - unit);
            values.insert(i, from[at + next].extract(0usize));
        }
    }
    values
}

/// Writes four values where [`load`] would read them, none past the last unit.
#[cube]
pub(super) fn store<N: Size>(
    to: &mut [Vector<f32, N>],
    at: usize,
    unit: usize,
    values: Quad,
    #[comptime] hidden: usize,
) {
    if comptime![hidden.is_multiple_of(4)] {
        let mut vector = Vector::<f32, N>::new(0.0f32);
        #[unroll]
        for i in 0..4usize {
            vector.insert(i, values.extract(i));
        }
        to[at / 4] = vector;
    } else {
        #[unroll]
        for i in 0..4usize {
            if unit + i < hidden {
                to[at + i] = Vector::new(values.extract(i));
            }
        }
    }
}

/// Adds to `sums` `[rows, columns]`, quads of units, the product of the invocation's rows of the tile,
/// from row `first` on, with `weights` `[hidden, columns·hidden]` from value `base` on.
#[cube]
pub(super) fn multiply<N: Size>(
    sums: &mut Array<Quad>,
    tile: &Shared<[Quad]>,
    first: usize,
    weights: &[Vector<f32, N>],
    base: usize,
    unit: usize,
    #[comptime] rows: usize,
    #[comptime] columns: usize,
    #[comptime] hidden: usize,
) {
    let quads = comptime![hidden.div_ceil(4)];
    for quad in 0..quads {
        let mut states = Array::<Quad>::new(rows);
        #[unroll]
        for row in 0..rows {
            states[row] = tile[(first + row) * quads + quad];
        }
        #[unroll]
        for i in 0..4usize {
            // Past the last unit the tile is zero.
            let k = min(quad * 4 + i, comptime![hidden - 1]);
            #[unroll]
            for column in 0..columns {
                let at = base + k * comptime![columns * hidden] + comptime![column * hidden] + unit;
                let weight = load(weights, at, unit, hidden);
                #[unroll]
                for row in 0..rows {
                    let sum = comptime![row * columns + column];
                    sums[sum] = fma(Quad::new(states[row].extract(i)), weight, sums[sum]);
                }
            }
        }
    }
}

/// Four units for a tile: zero past the last unit.
#[cube]
pub(super) fn padded(values: Quad, unit: usize, #[comptime] hidden: usize) -> Quad {
    let mut values = values;
    if comptime![!hidden.is_multiple_of(4)] {
        #[unroll]
        for i in 0..4usize {
            values.insert(i, select(unit + i < hidden, values.extract(i), 0.0f32));
        }
    }
    values
}

/// Adds to `sums` `[rows]` the product of the gates' gradients `dz` `[rows, gates]` with the transposed
/// weights `[gates·hidden, hidden]`, by way of the tile.
#[cube]
pub(super) fn multiply_back<N: Size>(
    sums: &mut Array<Quad>,
    dz: &Array<Quad>,
    tile: &mut Shared<[Quad]>,
    weights: &[Vector<f32, N>],
    first: usize,
    quad: usize,
    #[comptime] gates: usize,
    #[comptime] spread: Spread,
) {
    let hidden = comptime![spread.hidden];
    let rows = comptime![spread.rows];
    let unit = quad * 4;
    #[unroll]
    for part in 0..comptime![gates / spread.gates] {
        #[unroll]
        for gate in 0..spread.gates {
            #[unroll]
            for r in 0..rows {
                let value = dz[comptime![r * gates + part * spread.gates + gate]];
                let at = comptime![gate * spread.tile()] + (first + r) * spread.quads + quad;
                tile[at] = padded(value, unit, hidden);
            }
        }
        sync_cube();
        for gate in 0..spread.gates {
            let base = (comptime![part * spread.gates] + gate) * comptime![hidden * hidden];
            let from = gate * comptime![spread.rows * spread.lanes] + first;
            multiply(
                sums, &*tile, from, weights, base, unit, rows, 1usize, hidden,
            );
        }
        sync_cube();
    }
}
