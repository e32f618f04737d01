//! Four numbers at a time.

use wide::f32x4;

/// Numbers per vector.
pub(super) const LANES: usize = 4;

/// Neighbours that make one vector.
pub(super) type Four = [f32; LANES];

/// One value four times. Written out: `f32x4::splat` is a loop where the compiler is asked for small
/// code.
#[inline(always)]
pub(super) const fn splat(value: f32) -> f32x4 {
    f32x4::new([value, value, value, value])
}

#[inline(always)]
pub(super) fn load(four: &Four) -> f32x4 {
    f32x4::new(*four)
}

/// Runs `kernel` over slices of one length, cut into fours. It runs a second time on what is left
/// over at their ends, filled up with zeros, so that its loop has nothing but whole vectors.
pub(super) fn in_fours<const I: usize, const O: usize>(
    inputs: [&[f32]; I],
    outputs: [&mut [f32]; O],
    kernel: impl Fn([&[Four]; I], [&mut [Four]; O]),
) {
    let inputs = inputs.map(<[f32]>::as_chunks);
    let mut outputs = outputs.map(<[f32]>::as_chunks_mut);
    kernel(
        inputs.map(|(fours, _)| fours),
        outputs.each_mut().map(|(fours, _)| &mut **fours),
    );
    if outputs.iter().any(|(_, rest)| !rest.is_empty()) {
        let last_inputs = inputs.map(|(_, rest)| [fill_up(rest)]);
        let mut last_outputs = outputs.each_ref().map(|(_, rest)| [fill_up(rest)]);
        kernel(
            last_inputs.each_ref().map(<[Four; 1]>::as_slice),
            last_outputs.each_mut().map(<[Four; 1]>::as_mut_slice),
        );
        for ((_, rest), [four]) in outputs.iter_mut().zip(&last_outputs) {
            rest.copy_from_slice(&four[..rest.len()]);
        }
    }
}

/// Fewer than four numbers, and zeros after them.
pub(super) fn fill_up(rest: &[f32]) -> Four {
    let mut four = [0.0; LANES];
    four[..rest.len()].copy_from_slice(rest);
    four
}
