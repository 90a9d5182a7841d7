fn main() {
    let a: Vec<String> = std::env::args().collect();
    let r = indicia_reading::Reader::open(std::path::Path::new(&a[1])).unwrap();
    for p in &a[2..] {
        let b = std::fs::read(p).unwrap();
        let mut it = b.splitn(4, |c| *c == b'\n');
        it.next();
        let d = String::from_utf8(it.next().unwrap().to_vec()).unwrap();
        it.next();
        let px = it.next().unwrap();
        let v: Vec<u32> = d.split(' ').map(|x| x.parse().unwrap()).collect();
        let pix = indicia_reading::Pixels::new(v[0], v[1], px).unwrap();
        for _ in 0..2 {
            let t = std::time::Instant::now();
            let rs = r.regions(&pix).unwrap();
            println!("{p} {v:?} det {:?} {}", t.elapsed(), rs.len());
            for g in rs.iter().take(12) {
                let (x, y, w, h) = (g.left as usize, g.top as usize, g.width as usize, g.height as usize);
                let mut c = vec![];
                for yy in y..y + h {
                    c.extend_from_slice(&px[(yy * v[0] as usize + x) * 3..(yy * v[0] as usize + x + w) * 3]);
                }
                let t = std::time::Instant::now();
                let l = r.line(&indicia_reading::Pixels::new(w as u32, h as u32, &c).unwrap()).unwrap();
                println!("  {g:?} {} {:.2} {:?}", l.text(), l.confidence(), t.elapsed());
            }
        }
    }
}
