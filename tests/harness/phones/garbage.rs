//! Hostile senders: broken and odd messages, random bytes, floods, guessers of passwords. The same seed sends the same.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, UdpSocket},
    time::sleep,
};

use super::telephone::{Login, Settings, Telephone};
use crate::chance::Dice;

/// Sound messages to break, and ones that are odd from the start (RFC 4475, RFC 5118).
pub const ODD: [&str; 16] = [
    "INVITE sip:100@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nMax-Forwards: 70\r\n\
     From: <sip:a@{HOST}>;tag={N}\r\nTo: <sip:100@{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 INVITE\r\n\
     Contact: <sip:a@{OWN}>\r\nContent-Type: application/sdp\r\nContent-Length: 100\r\n\r\n\
     v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0 101\r\na=sendrecv\r\n",
    "REGISTER sip:{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nMax-Forwards: 70\r\n\
     From: <sip:1001@{HOST}>;tag={N}\r\nTo: <sip:1001@{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 REGISTER\r\n\
     Contact: <sip:1001@{OWN}>, *\r\nExpires: 99999999999999\r\nContent-Length: 0\r\n\r\n",
    // RFC 4475, 3.1.1.1: a short tortuous INVITE, with folded lines and escapes.
    "INVITE sip:vivekg@{HOST};unknownparam SIP/2.0\r\nTO :\r\n sip:vivekg@{HOST} ;   tag    = 1918181833n\r\n\
     from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@{HOST}>\r\n  ;\r\n  tag = 98asjd8\r\n\
     MaX-fOrWaRdS: 0068\r\nCall-ID: wsinv.{N}@192.0.2.1\r\nContent-Length   : 0\r\ncseq: 0009\r\n  INVITE\r\n\
     Via  : SIP  /   2.0\r\n /UDP\r\n    {OWN};branch=z9hG4bK{N}\r\ns :\r\nNewFangledHeader:   newfangled value\r\n\r\n",
    // 3.1.2.1 and others of chapter 3.1.2: wrong in one thing each.
    "INVITE sip:100@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};;,;,,\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: \"Mr. J. User <sip:100@{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n\r\n",
    "INVITE sip:100@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:100@{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: 9999\r\n\r\nv=0\r\n",
    "INVITE sip:100@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:100@{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 INVITE\r\nContent-Length: -999\r\n\r\nv=0\r\n",
    "REGISTER sip:{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:a@{HOST}>\r\nCall-ID: {N}\r\nCSeq: 36893488147419103232 REGISTER\r\nMax-Forwards: 300\r\n\
     Expires: 1000000000000000000000000\r\nContact: <sip:a@{OWN}>;expires=280297596632815\r\n\r\n",
    "OPTIONS sip:{HOST} SIP/7.0\r\nVia: SIP/7.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 OPTIONS\r\n\r\n",
    "OPTIONS sip:{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:{HOST}>\r\nCall-ID: {N}\r\nCSeq: 8 INVITE\r\n\r\n",
    "NEWMETHOD sip:{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 NEWMETHOD\r\n\r\n",
    "SIP/2.0 4294967301 better not break the receiver\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\n\
     From: <sip:a@{HOST}>;tag=1\r\nTo: <sip:{HOST}>\r\nCall-ID: {N}\r\nCSeq: 1 INVITE\r\n\r\n",
    "SIP/2.0 200 \r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:{HOST}>;tag=2\r\nCall-ID: {N}\r\nCSeq: 1 INVITE\r\n\r\n",
    "INVITE sip:100@{HOST} SIP/2.0\r\nCall-ID: {N}\r\n\r\n",
    "BYE sip:100@{HOST} SIP/2.0\r\nVia: SIP/2.0/UDP {OWN};branch=z9hG4bK{N}\r\nFrom: <sip:a@{HOST}>;tag=1\r\n\
     To: <sip:100@{HOST}>;tag=none\r\nCall-ID: {N}\r\nCSeq: 1 BYE\r\nMax-Forwards: 0\r\n\r\n",
    // RFC 5118, 4.1 and 4.5: addresses of IPv6, with and without their brackets.
    "OPTIONS sip:[2001:db8::10]:5070 SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bK{N}\r\n\
     From: <sip:a@[::1]>;tag=1\r\nTo: <sip:{HOST}>\r\nCall-ID: {N}@[2001:db8::20]\r\nCSeq: 1 OPTIONS\r\n\r\n",
    "REGISTER sip:2001:db8::10 SIP/2.0\r\nVia: SIP/2.0/UDP 2001:db8::9:1;branch=z9hG4bK{N}\r\nFrom: <sip:a@::1>;tag=1\r\n\
     To: <sip:a@::1>\r\nCall-ID: {N}\r\nCSeq: 1 REGISTER\r\nContact: <sip:a@2001:db8::9:1>\r\n\r\n",
];

/// Sends odd and broken messages as datagrams, and random bytes between them.
///
/// # Errors
///
/// Where no port is free.
pub async fn torture(server: SocketAddr, seed: u64, count: u32) -> Result<()> {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
    let own = socket.local_addr()?;
    let mut dice = Dice::new(seed);
    for nth in 0..count {
        let letter = letter(&mut dice, server, own, nth);
        // What is too long for a datagram, or comes back as closed, is the test's own noise.
        _ = socket.send_to(&letter, server).await;
        if nth % 64 == 63 {
            sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(())
}

/// Opens so many streams, and sends each the beginning of something, slowly; they stay open for `hold`.
///
/// # Errors
///
/// Where the server takes no streams at all.
pub async fn drip(server: SocketAddr, seed: u64, streams: u32, hold: Duration) -> Result<()> {
    let mut dice = Dice::new(seed);
    let mut open = vec![];
    for nth in 0..streams {
        let mut stream = TcpStream::connect(server).await?;
        let own = stream.local_addr()?;
        let letter = letter(&mut dice, server, own, nth);
        let half = letter.len() / 2;
        // A server that closes such a stream is right.
        _ = stream.write_all(&letter[..half]).await;
        open.push(stream);
    }
    sleep(hold).await;
    for stream in &mut open {
        _ = stream.write_all(b"\r\n\r\n\0\0").await;
    }
    Ok(())
}

/// Tries passwords for a user, as quickly as answers come; the statuses of the last answers, in order.
///
/// It ends where no answer comes any more: that is what a ban looks like.
///
/// # Errors
///
/// Where no port is free.
pub async fn guess(server: SocketAddr, domain: &str, user: &str, times: u32) -> Result<Vec<u16>> {
    let mut statuses = vec![];
    for nth in 0..times {
        let guesser = Telephone::plug_in(Settings {
            domain: domain.into(),
            login: Some(Login {
                user: user.into(),
                password: format!("guess{nth}"),
            }),
            ..Settings::stranger(server, user)
        });
        let guesser = guesser.await?;
        let asked = tokio::time::timeout(Duration::from_secs(2), guesser.register_for(60)).await;
        let Ok(Ok(answer)) = asked else {
            return Ok(statuses);
        };
        statuses.extend(answer.status());
    }
    Ok(statuses)
}

/// Calls without an account, as scanners do, as fast as it goes.
///
/// # Errors
///
/// Where no port is free.
pub async fn flood(server: SocketAddr, seed: u64, count: u32) -> Result<()> {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
    let own = socket.local_addr()?;
    let mut dice = Dice::new(seed);
    for nth in 0..count {
        let call = stranger(&mut dice, server, own, nth);
        _ = socket.send_to(&call, server).await;
        if nth % 64 == 63 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    Ok(())
}

/// The next call of somebody without an account, at `own`.
pub fn stranger(dice: &mut Dice, server: SocketAddr, own: SocketAddr, nth: u32) -> Vec<u8> {
    fill(ODD[0], dice, server, own, nth).into_bytes()
}

/// The next odd or broken message, or random bytes, from a sender at `own`.
pub fn letter(dice: &mut Dice, server: SocketAddr, own: SocketAddr, nth: u32) -> Vec<u8> {
    let pick = to_size(dice.between(0, ODD.len() as u64));
    let mut bytes = fill(ODD[pick], dice, server, own, nth).into_bytes();
    match dice.between(0, 10) {
        // As it is.
        0..=2 => {}
        // Some bytes changed.
        3..=6 => {
            for _ in 0..dice.between(1, 12) {
                let at = to_size(dice.between(0, bytes.len() as u64));
                bytes[at] = byte(dice);
            }
        }
        // Cut off.
        7 => bytes.truncate(to_size(dice.between(0, bytes.len() as u64))),
        // A part of it again and again, up to the longest datagram.
        8 => {
            let from = to_size(dice.between(0, bytes.len() as u64));
            let part = bytes[from..].to_vec();
            while bytes.len() < 60_000 && !part.is_empty() {
                bytes.extend(&part);
            }
            bytes.truncate(60_000);
        }
        // Nothing of SIP.
        _ => bytes = (0..dice.between(1, 1400)).map(|_| byte(dice)).collect(),
    }
    bytes
}

fn fill(text: &str, dice: &mut Dice, server: SocketAddr, own: SocketAddr, nth: u32) -> String {
    let number = format!("{nth}x{:x}", dice.between(0, u64::MAX));
    text.replace("{HOST}", &server.to_string())
        .replace("{OWN}", &own.to_string())
        .replace("{N}", &number)
}

fn byte(dice: &mut Dice) -> u8 {
    dice.between(0, 256).to_le_bytes()[0]
}

fn to_size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_sends_the_same() {
        let (server, own) = (
            "127.0.0.1:1".parse().unwrap(),
            "127.0.0.1:2".parse().unwrap(),
        );
        let all = |seed| {
            let mut dice = Dice::new(seed);
            (0..50)
                .map(|nth| letter(&mut dice, server, own, nth))
                .collect::<Vec<_>>()
        };

        assert_eq!(all(7), all(7));
        assert_ne!(all(7), all(8));
    }
}
