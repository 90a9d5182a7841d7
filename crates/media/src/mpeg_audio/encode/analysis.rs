//! The polyphase filterbank (ISO/IEC 11172-3, C.1.3): 32 samples in, one sample of each of 32 subbands out.

use std::f32::consts::PI;

/// First half of the prototype filter: the synthesis window (table B.3) in units of 2^-16, without the sign
/// changes from one 64 to the next. The second half is its mirror image.
#[rustfmt::skip]
static PROTOTYPE: [i32; 257] = [
    0, -1, -1, -1, -1, -1, -1, -2, -2, -2, -2, -3, -3, -4, -4, -5, -5, -6, -7, -7, -8, -9, -10, -11, -13,
    -14, -16, -17, -19, -21, -24, -26, -29, -31, -35, -38, -41, -45, -49, -53, -58, -63, -68, -73, -79,
    -85, -91, -97, -104, -111, -117, -125, -132, -139, -147, -154, -161, -169, -176, -183, -190, -196,
    -202, -208, -213, -218, -222, -225, -227, -228, -228, -227, -224, -221, -215, -208, -200, -189, -177,
    -163, -146, -127, -106, -83, -57, -29, 2, 36, 72, 111, 153, 197, 244, 294, 347, 401, 459, 519, 581,
    645, 711, 779, 848, 919, 991, 1064, 1137, 1210, 1283, 1356, 1428, 1498, 1567, 1634, 1698, 1759, 1817,
    1870, 1919, 1962, 2001, 2032, 2057, 2075, 2085, 2087, 2080, 2063, 2037, 2000, 1952, 1893, 1822, 1739,
    1644, 1535, 1414, 1280, 1131, 970, 794, 605, 402, 185, -45, -288, -545, -814, -1095, -1388, -1692,
    -2006, -2330, -2663, -3004, -3351, -3705, -4063, -4425, -4788, -5153, -5517, -5879, -6237, -6589,
    -6935, -7271, -7597, -7910, -8209, -8491, -8755, -8998, -9219, -9416, -9585, -9727, -9838, -9916,
    -9959, -9966, -9935, -9863, -9750, -9592, -9389, -9139, -8840, -8492, -8092, -7640, -7134, -6574,
    -5959, -5288, -4561, -3776, -2935, -2037, -1082, -70, 998, 2122, 3300, 4533, 5818, 7154, 8540, 9975,
    11455, 12980, 14548, 16155, 17799, 19478, 21189, 22929, 24694, 26482, 28289, 30112, 31947, 33791,
    35640, 37489, 39336, 41176, 43006, 44821, 46617, 48390, 50137, 51853, 53534, 55178, 56778, 58333,
    59838, 61289, 62684, 64019, 65290, 66494, 67629, 68692, 69679, 70590, 71420, 72169, 72835, 73415,
    73908, 74313, 74630, 74856, 74992, 75038,
];

/// One channel on its way through the filterbank.
#[derive(Debug)]
pub(super) struct Analysis {
    /// The last 512 samples, newest first.
    history: [f32; 512],
    window: [f32; 512],
    /// Of each band, by place.
    cosines: Vec<[f32; 32]>,
}

impl Analysis {
    /// Silence so far.
    pub(super) fn new() -> Self {
        let mut window = [0.0; 512];
        for (at, value) in window.iter_mut().enumerate() {
            let prototype = PROTOTYPE.get(at.min(512 - at)).copied().unwrap_or(0);
            // 65,536 for the units, 32 between this window and that of the synthesis.
            *value = prototype as f32 / (65_536.0 * 32.0) * if at / 64 % 2 == 1 { -1.0 } else { 1.0 };
        }
        let cosine = |place: i16| {
            let mut row = [0.0; 32];
            for (value, band) in row.iter_mut().zip(0_u16..) {
                *value = (f32::from(2 * band + 1) * f32::from(place) * PI / 64.0).cos();
            }
            row
        };
        Self { history: [0.0; 512], window, cosines: (-16..48).map(cosine).collect() }
    }

    /// The next sample of each subband, from 32 samples of sound; those missing are silence.
    pub(super) fn slot(&mut self, sound: &[f32]) -> [f32; 32] {
        self.history.copy_within(..480, 32);
        let next = sound.iter().copied().chain(std::iter::repeat(0.0));
        self.history.iter_mut().take(32).rev().zip(next).for_each(|(place, value)| *place = value);
        let mut folded = [0.0_f32; 64];
        for (values, window) in self.history.chunks_exact(64).zip(self.window.chunks_exact(64)) {
            for ((sum, value), weight) in folded.iter_mut().zip(values).zip(window) {
                *sum += value * weight;
            }
        }
        let mut bands = [0.0; 32];
        // All bands of a value at once, as a processor takes them.
        for (value, cosines) in folded.iter().zip(&self.cosines) {
            bands.iter_mut().zip(cosines).for_each(|(band, cosine)| *band += value * cosine);
        }
        bands
    }
}
