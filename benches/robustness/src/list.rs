//! The attacks that are tried, with what is asked of each.

use crate::attack::{Attack, Step};

/// Shares that every attack alone, and every pair, has to reach on all pictures together, in hundredths.
pub const SINGLE: f64 = 97.0;
/// See [`SINGLE`].
pub const PAIR: f64 = 94.0;

/// What is asked of photos and synthetic pictures, and what is aimed at.
type Floors = (Option<[f64; 2]>, Option<[f64; 2]>);

const PLAIN: Floors = (Some([100.0, 95.0]), Some([100.0, 100.0]));
const JPEG_50: Floors = (Some([100.0, 92.0]), Some([100.0, 100.0]));
const CHAIN: Floors = (Some([97.0, 90.0]), Some([100.0, 100.0]));
const WEBP_50: Floors = (Some([97.0, 80.0]), Some([100.0, 92.0]));
const CROP_25: Floors = (Some([97.0, 85.0]), Some([100.0, 92.0]));
const CROP_10: Floors = (Some([90.0, 80.0]), Some([97.0, 92.0]));
const TURN: Floors = (Some([97.0, 92.0]), Some([100.0, 100.0]));
const ANY_TURN: Floors = (None, Some([100.0, 100.0]));
const GRAIN: Floors = (Some([97.0, 85.0]), Some([100.0, 100.0]));
const TONE: Floors = (Some([97.0, 85.0]), Some([100.0, 92.0]));
const TWO: Floors = (Some([95.0, 85.0]), Some([100.0, 92.0]));
const HALF_JPEG_50: Floors = (Some([90.0, 85.0]), Some([95.0, 95.0]));
const WARP: Floors = (None, Some([80.0, 80.0]));
const OPEN: Floors = (None, None);

const SCREENSHOT: [Step; 3] = [Step::Resize(80), Step::Pad([40, 90, 40, 60]), Step::Jpeg(85)];
const MESSAGING: [Step; 2] = [Step::Fit(1280), Step::Jpeg(75)];

/// Every attack: those that do one thing, then pairs.
pub fn attacks() -> Vec<Attack> {
    let mut list = singles();
    list.extend(named_pairs());
    for geometry in [Step::Crop(50), Step::Rotate(2), Step::Resize(75), Step::FlipAcross] {
        for signal in SIGNALS {
            let pair = pair(&[geometry, *signal], OPEN);
            if list.iter().all(|there| there.name != pair.name) {
                list.push(pair);
            }
        }
    }
    list
}

/// What the pairs do after a change of geometry.
const SIGNALS: &[Step] = &[
    Step::Jpeg(50),
    Step::Webp(80),
    Step::Noise(5),
    Step::Blur(100),
    Step::Sharpen(100),
    Step::Brightness(130),
    Step::Contrast(60),
    Step::Gamma(140),
    Step::Grey,
    Step::Caption(8),
];

fn singles() -> Vec<Attack> {
    use Step::{
        Avif, Blur, Brightness, Caption, Contrast, Crop, CropFill, FlipAcross, FlipDown, Gamma, Grey, Jpeg,
        Noise, Perspective, Posterise, Quarters, Resize, ResizeBack, Rotate, Sharpen, Stretch, Webp,
    };
    let mut list = vec![named("none", &[], PLAIN)];
    let mut add = |floors, steps: &[Step]| list.extend(steps.iter().map(|step| single(*step, floors)));
    add(PLAIN, &[Jpeg(90), Jpeg(75)]);
    add(JPEG_50, &[Jpeg(50)]);
    add(CHAIN, &[Jpeg(30)]);
    add(PLAIN, &[Webp(80)]);
    add(WEBP_50, &[Webp(50)]);
    add(OPEN, &[Avif(25), Avif(40)]);
    add(PLAIN, &[ResizeBack(50), ResizeBack(75), ResizeBack(150), Resize(50), Resize(75), Resize(150)]);
    add(JPEG_50, &[Crop(90), Crop(75), Crop(50)]);
    add(CROP_25, &[Crop(25)]);
    add(CROP_10, &[Crop(10)]);
    add(OPEN, &[CropFill(75), CropFill(50)]);
    add(TURN, &[Rotate(1), Rotate(2), Rotate(5), Rotate(-3)]);
    add(ANY_TURN, &[Rotate(10), Rotate(45)]);
    add(PLAIN, &[Quarters(1), Quarters(2), FlipAcross, FlipDown]);
    add(GRAIN, &[Noise(5), Noise(10), Blur(100), Blur(200)]);
    add(OPEN, &[Sharpen(100)]);
    add(TONE, &[Brightness(70), Brightness(130), Brightness(150), Contrast(60), Contrast(150)]);
    add(TONE, &[Gamma(70), Gamma(140)]);
    add(PLAIN, &[Grey]);
    add(OPEN, &[Posterise(8), Caption(8)]);
    add(WARP, &[Perspective(2), Perspective(5), Stretch(110, 100), Stretch(90, 100)]);
    list.push(named("screenshot", &SCREENSHOT, CHAIN));
    list.push(named("screenshot0.5", &[Resize(50), Step::Chrome, Jpeg(85)], ANY_TURN));
    list.push(named("messaging", &MESSAGING, CHAIN));
    list.push(named("print-like", &[Blur(100), Noise(5), Perspective(2)], WARP));
    list.push(named("jpeg75 twice", &[Jpeg(75), Resize(90), Jpeg(75)], OPEN));
    list
}

/// The pairs that something is asked of by name.
fn named_pairs() -> Vec<Attack> {
    let [fit, jpeg] = MESSAGING;
    let mut far = named("crop90+messaging+jpeg60", &[Step::Crop(90), fit, jpeg, Step::Jpeg(60)], CHAIN);
    far.is_pair = true;
    let mut shot = named("crop75+screenshot", &[&[Step::Crop(75)][..], &SCREENSHOT].concat(), OPEN);
    shot.is_pair = true;
    vec![
        pair(&[Step::Crop(50), Step::Jpeg(50)], TWO),
        pair(&[Step::Rotate(2), Step::Jpeg(75)], TWO),
        pair(&[Step::Resize(50), Step::Jpeg(50)], HALF_JPEG_50),
        far,
        shot,
        pair(&[Step::Crop(75), Step::Rotate(3), Step::Jpeg(60)], OPEN),
        pair(&[Step::Crop(50), Step::Rotate(5)], OPEN),
        pair(&[Step::Rotate(5), Step::Resize(75)], OPEN),
    ]
}

fn named(name: &str, steps: &[Step], (ask, stretch): Floors) -> Attack {
    Attack { name: name.into(), steps: steps.to_vec(), is_pair: false, ask, stretch }
}

fn single(step: Step, floors: Floors) -> Attack {
    named(&step.to_string(), &[step], floors)
}

fn pair(steps: &[Step], floors: Floors) -> Attack {
    let names: Vec<String> = steps.iter().map(ToString::to_string).collect();
    Attack { is_pair: true, ..named(&names.join("+"), steps, floors) }
}

#[cfg(test)]
mod tests {
    use super::attacks;
    use crate::picture::made_up;
    use std::collections::BTreeSet;

    #[test]
    fn every_attack_has_a_name_of_its_own_and_can_be_made() {
        let (list, scene) = (attacks(), made_up::scene(160, 128));
        let names: BTreeSet<&str> = list.iter().map(|attack| attack.name.as_str()).collect();
        assert_eq!(names.len(), list.len());
        assert!(list.iter().filter(|attack| attack.is_pair).count() >= 40);
        for attack in list.iter().filter(|attack| !attack.name.starts_with("avif")) {
            let after = attack.apply(&scene, "scene").unwrap();
            assert_eq!(after == scene, attack.name == "none", "{}", attack.name);
        }
    }

    #[test]
    fn what_is_aimed_at_is_not_below_what_is_asked() {
        for attack in attacks() {
            if let (Some(ask), Some(stretch)) = (attack.ask, attack.stretch) {
                assert!(ask[0] <= stretch[0] && ask[1] <= stretch[1], "{}", attack.name);
            }
        }
    }
}
