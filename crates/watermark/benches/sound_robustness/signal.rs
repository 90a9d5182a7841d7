//! Attacks on sound, written out: the same on every machine.

use realfft::RealFftPlanner;

/// Interleaved sound.
#[derive(Clone, Debug)]
pub(crate) struct Sound {
    pub(crate) rate: u32,
    pub(crate) channels: usize,
    pub(crate) samples: Vec<f32>,
}

impl Sound {
    pub(crate) fn seconds(&self) -> f64 {
        self.samples.len() as f64 / self.channels as f64 / f64::from(self.rate)
    }

    fn split(&self) -> Vec<Vec<f32>> {
        (0..self.channels)
            .map(|channel| self.samples.iter().skip(channel).step_by(self.channels).copied().collect())
            .collect()
    }

    fn join(rate: u32, channels: Vec<Vec<f32>>) -> Self {
        let frames = channels.iter().map(Vec::len).min().unwrap_or(0);
        let samples = (0..frames).flat_map(|at| channels.iter().map(move |channel| channel[at])).collect();
        Self { rate, channels: channels.len(), samples }
    }

    fn each(&self, work: impl Fn(&[f32]) -> Vec<f32>) -> Self {
        Self::join(self.rate, self.split().iter().map(|channel| work(channel)).collect())
    }

    fn map(&self, work: impl Fn(f32) -> f32) -> Self {
        Self { samples: self.samples.iter().map(|&value| work(value)).collect(), ..*self }
    }
}

/// Numbers that look random, from a seed.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// In 0.0..1.0.
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of variance 1.
    pub(crate) fn gauss(&mut self) -> f32 {
        ((-2.0 * (1.0 - self.unit()).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()) as f32
    }
}

pub(crate) fn mono(sound: &Sound) -> Sound {
    let samples = sound
        .samples
        .chunks_exact(sound.channels)
        .map(|frame| frame.iter().sum::<f32>() / sound.channels as f32);
    Sound { rate: sound.rate, channels: 1, samples: samples.collect() }
}

pub(crate) fn gain(sound: &Sound, decibel: f32) -> Sound {
    sound.map(|value| (value * 10_f32.powf(decibel / 20.0)).clamp(-1.0, 1.0))
}

pub(crate) fn crop(sound: &Sound, from: f64, seconds: f64) -> Sound {
    let at = |time: f64| (time * f64::from(sound.rate)) as usize * sound.channels;
    let samples = sound.samples
        [at(from).min(sound.samples.len())..at(from + seconds).min(sound.samples.len())]
        .to_vec();
    Sound { samples, ..*sound }
}

/// Four pieces of 4.1 seconds out of order.
pub(crate) fn shuffle(sound: &Sound) -> Sound {
    let samples = [14.3, 2.9, 22.2, 8.7].iter().flat_map(|&from| crop(sound, from, 4.1).samples).collect();
    Sound { samples, ..*sound }
}

/// Without a hundredth of a second in every two.
pub(crate) fn cuts(sound: &Sound) -> Sound {
    let frame = 2 * sound.rate as usize * sound.channels;
    let gone = sound.rate as usize / 100 * sound.channels;
    Sound {
        samples: sound
            .samples
            .chunks(frame)
            .flat_map(|chunk| &chunk[gone.min(chunk.len())..])
            .copied()
            .collect(),
        ..*sound
    }
}

pub(crate) fn noise(sound: &Sound, decibel: f32, seed: u64) -> Sound {
    let power =
        sound.samples.iter().map(|value| f64::from(value * value)).sum::<f64>() / sound.samples.len() as f64;
    let level = power.sqrt() as f32 * 10_f32.powf(-decibel / 20.0);
    let mut noise = Noise::new(seed);
    Sound {
        samples: sound.samples.iter().map(|value| (value + level * noise.gauss()).clamp(-1.0, 1.0)).collect(),
        ..*sound
    }
}

/// Second-order section: b0 b1 b2 a1 a2.
fn biquad(sound: &Sound, c: [f64; 5]) -> Sound {
    sound.each(|channel| {
        let (mut x1, mut x2, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0);
        let step = |&value: &f32| {
            let x = f64::from(value);
            let y = c[0] * x + c[1] * x1 + c[2] * x2 - c[3] * y1 - c[4] * y2;
            (x2, x1, y2, y1) = (x1, x, y1, y);
            y as f32
        };
        channel.iter().map(step).collect()
    })
}

fn angle(sound: &Sound, hertz: f64) -> (f64, f64) {
    let omega = std::f64::consts::TAU * hertz / f64::from(sound.rate);
    (omega.cos(), omega.sin() / std::f64::consts::SQRT_2)
}

/// Butterworth, second order.
pub(crate) fn low_pass(sound: &Sound, hertz: f64) -> Sound {
    let (cos, alpha) = angle(sound, hertz);
    let a0 = 1.0 + alpha;
    biquad(
        sound,
        [
            (1.0 - cos) / 2.0 / a0,
            (1.0 - cos) / a0,
            (1.0 - cos) / 2.0 / a0,
            -2.0 * cos / a0,
            (1.0 - alpha) / a0,
        ],
    )
}

pub(crate) fn high_pass(sound: &Sound, hertz: f64) -> Sound {
    let (cos, alpha) = angle(sound, hertz);
    let a0 = 1.0 + alpha;
    biquad(
        sound,
        [
            (1.0 + cos) / 2.0 / a0,
            -(1.0 + cos) / a0,
            (1.0 + cos) / 2.0 / a0,
            -2.0 * cos / a0,
            (1.0 - alpha) / a0,
        ],
    )
}

/// A bell of so many decibels.
pub(crate) fn bell(sound: &Sound, hertz: f64, decibel: f64) -> Sound {
    let (cos, alpha) = angle(sound, hertz);
    let a = 10_f64.powf(decibel / 40.0);
    let a0 = 1.0 + alpha / a;
    biquad(
        sound,
        [
            (1.0 + alpha * a) / a0,
            -2.0 * cos / a0,
            (1.0 - alpha * a) / a0,
            -2.0 * cos / a0,
            (1.0 - alpha / a) / a0,
        ],
    )
}

pub(crate) fn equalise(sound: &Sound) -> Sound {
    [(100.0, 6.0), (1000.0, -6.0), (3000.0, 6.0), (8000.0, -6.0)]
        .iter()
        .fold(sound.clone(), |s, &(f, g)| bell(&s, f, g))
}

/// 4 to 1 above -24 dB, 5 ms attack, 100 ms release.
pub(crate) fn compress(sound: &Sound) -> Sound {
    let mut level = 0.0_f32;
    let pace = |ms: f32| 1.0 - (-1000.0 / (ms * sound.rate as f32)).exp();
    let mut samples = Vec::new();
    for frame in sound.samples.chunks_exact(sound.channels) {
        let peak = frame.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        level += (peak - level) * if peak > level { pace(5.0) } else { pace(100.0) };
        let over = (20.0 * level.max(1e-6).log10() + 24.0).max(0.0);
        let factor = 10_f32.powf((6.0 - over * 0.75) / 20.0);
        samples.extend(frame.iter().map(|value| (value * factor).clamp(-1.0, 1.0)));
    }
    Sound { samples, ..*sound }
}

/// A room: direct sound, and noise that dies away by 60 dB in `decay` seconds, `level` dB below it.
pub(crate) fn room(sound: &Sound, decay: f64, level: f32, seed: u64) -> Sound {
    let length = (decay * f64::from(sound.rate)) as usize;
    let mut noise = Noise::new(seed);
    let mut response: Vec<f32> =
        (0..length).map(|at| noise.gauss() * 10_f32.powf(-3.0 * at as f32 / length as f32)).collect();
    let power: f32 = response.iter().map(|value| value * value).sum();
    response.iter_mut().for_each(|value| *value *= 10_f32.powf(level / 20.0) / power.sqrt());
    response[0] += 1.0;
    sound.each(|channel| {
        let size = (channel.len() + length).next_power_of_two();
        let mut planner = RealFftPlanner::new();
        let (forward, inverse) = (planner.plan_fft_forward(size), planner.plan_fft_inverse(size));
        let spectrum = |from: &[f32]| {
            let mut time = from.to_vec();
            time.resize(size, 0.0);
            let mut bins = forward.make_output_vec();
            forward.process(&mut time, &mut bins).unwrap();
            bins
        };
        let mut bins = spectrum(channel);
        bins.iter_mut().zip(spectrum(&response)).for_each(|(a, b)| *a *= b);
        let mut time = inverse.make_output_vec();
        inverse.process(&mut bins, &mut time).unwrap();
        time[..channel.len()].iter().map(|value| (value / size as f32).clamp(-1.0, 1.0)).collect()
    })
}

/// By a sinc of 32 zero crossings under a Hann window. `factor` is new length over old.
fn stretch(channel: &[f32], factor: f64) -> Vec<f32> {
    const REACH: f64 = 32.0;
    let band = factor.min(1.0) * 0.97;
    let reach = REACH / band;
    let table: Vec<f32> = (0..=(REACH * 512.0) as usize)
        .map(|at| {
            let x = at as f64 / 512.0;
            let sinc =
                if at == 0 { 1.0 } else { (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x) };
            (sinc * (0.5 + 0.5 * (std::f64::consts::PI * x / REACH).cos()) * band) as f32
        })
        .collect();
    (0..(channel.len() as f64 * factor) as usize)
        .map(|at| {
            let centre = at as f64 / factor;
            let from = (centre - reach).ceil().max(0.0) as usize;
            let to = ((centre + reach) as usize + 1).min(channel.len());
            let weight = |i: usize| {
                table.get(((i as f64 - centre).abs() * band * 512.0) as usize).copied().unwrap_or(0.0)
            };
            (from..to).map(|i| channel[i] * weight(i)).sum()
        })
        .collect()
}

pub(crate) fn resample(sound: &Sound, rate: u32) -> Sound {
    let factor = f64::from(rate) / f64::from(sound.rate);
    Sound { rate, ..sound.each(|channel| stretch(channel, factor)) }
}

/// Faster and higher, as a tape.
pub(crate) fn speed(sound: &Sound, factor: f64) -> Sound {
    sound.each(|channel| stretch(channel, 1.0 / factor))
}

/// Faster, as high as before: overlapping pieces of 60 ms, each put where it fits best.
pub(crate) fn tempo(sound: &Sound, factor: f64) -> Sound {
    let mixed = mono(sound).samples;
    let size = sound.rate as usize * 60 / 1000;
    let (half, seek) = (size / 2, size / 4);
    let mut starts: Vec<usize> = vec![0];
    let mut at = half as f64 * factor;
    while (at as usize) + size + seek + half < mixed.len() {
        let natural = starts[starts.len() - 1] + half;
        let target = at as usize;
        let fit = |&from: &usize| -> f32 {
            (0..half).step_by(4).map(|i| mixed[from + i] * mixed[natural + i]).sum()
        };
        let from = target.saturating_sub(seek);
        let best =
            (from..target + seek).step_by(3).max_by(|a, b| fit(a).total_cmp(&fit(b))).unwrap_or(target);
        starts.push(best);
        at += half as f64 * factor;
    }
    sound.each(|channel| {
        let mut out = vec![0.0; starts.len() * half + half];
        for (number, &start) in starts.iter().enumerate() {
            for i in 0..size {
                let window = 0.5 - 0.5 * (std::f32::consts::TAU * (i as f32 + 0.5) / size as f32).cos();
                out[number * half + i] += channel[start + i] * window;
            }
        }
        out
    })
}

/// Higher by so many cents, as long as before.
pub(crate) fn pitch(sound: &Sound, cents: f64) -> Sound {
    let factor = (cents / 1200.0).exp2();
    speed(&tempo(sound, 1.0 / factor), factor)
}

/// 300 to 3400 Hz, 8 kHz, one channel, G.711 mu-law.
pub(crate) fn telephone(sound: &Sound) -> Sound {
    let narrow = high_pass(&high_pass(&resample(&low_pass(&mono(sound), 3400.0), 8000), 300.0), 300.0);
    let peak = narrow.samples.iter().fold(1e-6_f32, |most, value| most.max(value.abs()));
    narrow.map(|value| {
        let x = value / peak * 0.9;
        let law = (1.0 + 255.0 * x.abs()).ln() / 256_f32.ln();
        let coded = (law * 127.0).round() / 127.0;
        ((256_f32.powf(coded) - 1.0) / 255.0).copysign(x)
    })
}

pub(crate) fn clip(sound: &Sound) -> Sound {
    gain(sound, 9.0)
}

pub(crate) fn shifted(sound: &Sound) -> Sound {
    sound.map(|value| (value * 0.8 + 0.15).clamp(-1.0, 1.0))
}

/// As 16 bits hold it.
pub(crate) fn sixteen(sound: &Sound) -> Sound {
    sound.map(|value| (value * 32768.0).round().clamp(-32768.0, 32767.0) / 32768.0)
}
