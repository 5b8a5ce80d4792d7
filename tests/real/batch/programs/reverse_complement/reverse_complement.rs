use std::io::{self, Read, Write};

fn complement(code: u8) -> u8 {
    match code.to_ascii_uppercase() {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        b'B' => b'V',
        b'V' => b'B',
        b'D' => b'H',
        b'H' => b'D',
        b'K' => b'M',
        b'M' => b'K',
        b'R' => b'Y',
        b'Y' => b'R',
        same => same,
    }
}

fn main() -> io::Result<()> {
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for record in input.split('>').skip(1) {
        let (title, text) = record.split_once('\n').unwrap_or((record, ""));
        writeln!(out, ">{title}")?;
        let codes: Vec<u8> = text.bytes().rev().filter(|&code| code != b'\n').map(complement).collect();
        for line in codes.chunks(60) {
            out.write_all(line)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}
