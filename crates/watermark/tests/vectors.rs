//! The code against another implementation of the same design (Python and C), which these values were taken from.
#![allow(clippy::cast_possible_truncation, reason = "soft values are small")]

use indicia_watermark::{Code, Workspace};
use sha2::{Digest, Sha256};

struct Vector {
    chips: usize,
    bits: usize,
    payload: u128,
    places: [usize; 8],
    codeword: &'static str,
    digest: &'static str,
    /// Amplitude of the codeword in the noise, payload read, whether its CRC holds; the seed is the place in the list, from 1.
    read: [(f32, u128, bool); 4],
}

const VECTORS: [Vector; 3] = [
    Vector {
        chips: 1024,
        bits: 64,
        payload: 0x0123_4567_89AB_CDEF,
        places: [509, 510, 511, 751, 759, 763, 765, 766],
        codeword: "56b01c4187a2019f17976e55c685738b35d380dde4c19d0374f4f2c9a5e6ef17",
        digest: "8677e2db4f3f8ef4",
        read: [
            (0.6, 0x0123_4567_89AB_CDEF, true),
            (0.5, 0x0123_4567_89AB_CDEF, true),
            (0.45, 0x0123_4567_89AB_CDEF, true),
            (0.0, 0x59FA_B7A3_EC6C_F284, false),
        ],
    },
    Vector {
        chips: 1024,
        bits: 128,
        payload: 0x0123_4567_89AB_CDEF_FEDC_BA98_7654_3210,
        places: [479, 495, 502, 503, 505, 506, 507, 508],
        codeword: "3d012ab989169b01318358ba947a0713095cdd2717e1c6359c4736bd9314c3be",
        digest: "7a18b0e33f3c2a5d",
        read: [
            (0.6, 0x0123_4567_89AB_CDEF_FEDC_BA98_7654_3210, true),
            (0.5, 0x0123_4567_89AB_CDEF_FEDC_BA98_7654_3210, true),
            (0.45, 0x8EC4_047A_A95E_CA61_12CB_7362_9968_0545, false),
            (0.0, 0xF1F3_0FCB_3664_6009_C1C1_7D65_58AC_D317, false),
        ],
    },
    Vector {
        chips: 256,
        bits: 32,
        payload: 0x89AB_CDEF,
        places: [119, 123, 125, 126, 127, 175, 183, 187],
        codeword: "0f4b4895ca717250dd999a4718a3a0820fb4486aca8e72afdd669ab8185ca07d",
        digest: "5469ed026e9d51b5",
        read: [
            (0.6, 0x89AB_CDEF, true),
            (0.5, 0x89AB_CDEF, true),
            (0.45, 0x8E3E_677F, false),
            (0.0, 0x0E46_2BEA, false),
        ],
    },
];

/// Uniform in -1.0..1.0.
fn noise(seed: u64) -> impl Iterator<Item = f64> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1 << 24) * 2.0 - 1.0
    })
}

#[test]
fn codewords_are_those_of_the_other_implementation() {
    for vector in &VECTORS {
        let code = Code::new(vector.chips, vector.bits).unwrap();
        assert_eq!(code.places().take(8).collect::<Vec<_>>(), vector.places, "{} chips", vector.chips);
        let codeword = code.encode(vector.payload);
        let hex: String = codeword[..256]
            .chunks(8)
            .map(|byte| byte.iter().fold(0_u8, |byte, &bit| byte << 1 | u8::from(bit)))
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(hex, vector.codeword);
        let text: String = codeword.iter().map(|&bit| if bit { '1' } else { '0' }).collect();
        let digest: String = Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, vector.digest);
    }
}

#[test]
fn noisy_codewords_are_read_as_the_other_implementation_reads_them() {
    let mut workspace = Workspace::default();
    for vector in &VECTORS {
        let code = Code::new(vector.chips, vector.bits).unwrap();
        let codeword = code.encode(vector.payload);
        for (seed, &(amplitude, payload, checked)) in (1..).zip(&vector.read) {
            let soft: Vec<f32> = codeword
                .iter()
                .zip(noise(seed))
                .map(|(&bit, noise)| {
                    (f64::from(if bit { -amplitude } else { amplitude }) + 1.7 * noise) as f32
                })
                .collect();
            let decoded = code.decode(&soft, &mut workspace);
            assert_eq!((decoded.payload, decoded.checked), (payload, checked), "{} {seed}", vector.chips);
        }
    }
}
