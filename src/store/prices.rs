//! Price lists kept between runs, one file per region, so that a start needs no question to the Price List.
//! Knows files; whether a list is still good is for `fleet` to say.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{private_folder, replace};
use crate::fleet::{PriceList, PriceOrigin, Region, Timestamp, harmless};

/// The folder of the lists, within the folder of state.
const FOLDER: &str = "prices";
/// The version of the form in which they are written; a file of another one is not understood.
const VERSION: u32 = 1;
/// The largest file that is read, in bytes; a list of all instance types is a hundredth of it.
const LARGEST: u64 = 8 << 20;

/// A list as it stands in its file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    region: Region,
    read_at: Timestamp,
    hourly: BTreeMap<Arc<str>, BTreeMap<Arc<str>, f64>>,
    storage_gb_month: Option<f64>,
}

/// The list kept of a region, with the time at which AWS gave it. A file that is damaged is put aside, so that
/// the next list can take its place.
pub fn kept_prices(dir: &Path, region: &Region) -> Option<PriceList> {
    let path = file(dir, region)?;
    match read(&path, region) {
        Ok(list) => list,
        Err(error) => {
            tracing::warn!(%region, %error, "the kept prices are put aside");
            if let Err(error) = fs::rename(&path, path.with_extension("damaged")) {
                tracing::warn!(%region, %error, "they could not be put aside");
            }
            None
        }
    }
}

/// Keeps a list that AWS gave; the bundled one needs no keeping.
///
/// # Errors
///
/// When folder or file cannot be written; a file that was there before is then still whole.
pub fn keep_prices(dir: &Path, list: &PriceList) -> io::Result<()> {
    let PriceOrigin::Api(read_at) = list.origin else { return Ok(()) };
    let Some(path) = file(dir, &list.region) else { return Ok(()) };
    let document = Document {
        version: VERSION,
        region: list.region.clone(),
        read_at,
        hourly: list.hourly.iter().map(|(name, prices)| (name.clone(), prices.clone())).collect(),
        storage_gb_month: list.storage_gb_month,
    };
    private_folder(&dir.join(FOLDER))?;
    replace(&path, &serde_json::to_vec(&document)?)
}

/// The file of a region; none for a text that is no region's code and could lead elsewhere.
fn file(dir: &Path, region: &Region) -> Option<PathBuf> {
    let code = region.as_str();
    let is_code = !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_code.then(|| dir.join(FOLDER).join(format!("{code}.json")))
}

fn read(path: &Path, region: &Region) -> io::Result<Option<PriceList>> {
    let mut text = Vec::new();
    match fs::File::open(path) {
        Ok(file) => file.take(LARGEST + 1).read_to_end(&mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    if text.len() as u64 > LARGEST {
        return Err(wrong("it is too large"));
    }
    let document: Document = serde_json::from_slice(&text)?;
    if document.version != VERSION || document.region != *region {
        return Err(wrong("it is of another version or region"));
    }
    let good = |dollars: &f64| dollars.is_finite() && *dollars > 0.0;
    if document.hourly.is_empty()
        || !document.hourly.values().flat_map(BTreeMap::values).chain(&document.storage_gb_month).all(good)
    {
        return Err(wrong("it has no prices, or one that is none"));
    }
    let prices = |prices: BTreeMap<Arc<str>, f64>| {
        prices.into_iter().map(|(name, dollars)| (harmless(&name), dollars)).collect()
    };
    Ok(Some(PriceList {
        region: document.region,
        hourly: document.hourly.into_iter().map(|(name, own)| (harmless(&name), prices(own))).collect(),
        storage_gb_month: document.storage_gb_month,
        origin: PriceOrigin::Api(document.read_at),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(dollars: f64) -> PriceList {
        let prices = [(Arc::from("Studio-JupyterLab"), dollars)].into();
        PriceList {
            region: Region::new("eu-west-1"),
            hourly: [(Arc::from("ml.g5.xlarge"), prices)].into(),
            storage_gb_month: Some(0.123),
            origin: PriceOrigin::Api("2026-11-20T12:00:00Z".parse().unwrap()),
        }
    }

    #[test]
    fn a_list_is_kept_with_its_date_in_a_private_file() {
        let dir = tempfile::tempdir().unwrap();
        let region = Region::new("eu-west-1");
        assert_eq!(kept_prices(dir.path(), &region), None);
        keep_prices(dir.path(), &list(1.5)).unwrap();
        keep_prices(dir.path(), &list(1.408)).unwrap();
        assert_eq!(kept_prices(dir.path(), &region), Some(list(1.408)));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            let folder = dir.path().join(FOLDER);
            assert_eq!((mode(&folder), mode(&folder.join("eu-west-1.json"))), (0o700, 0o600));
        }
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_makes_room_for_the_next() {
        let dir = tempfile::tempdir().unwrap();
        let region = Region::new("eu-west-1");
        keep_prices(dir.path(), &list(1.5)).unwrap();
        let path = file(dir.path(), &region).unwrap();
        let whole = fs::read_to_string(&path).unwrap();
        for damaged in [
            whole[..whole.len() / 2].to_owned(),
            whole.replace("\"version\":1", "\"version\":2"),
            whole.replace("eu-west-1", "eu-west-2"),
            whole.replace("1.5", "-1.5"),
            String::new(),
        ] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(kept_prices(dir.path(), &region), None);
            assert!(!path.exists() && path.with_extension("damaged").exists());
        }
        keep_prices(dir.path(), &list(1.5)).unwrap();
        assert_eq!(kept_prices(dir.path(), &region), Some(list(1.5)));
    }

    #[test]
    fn a_region_that_leads_elsewhere_has_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let odd = PriceList { region: Region::new("../../etc"), ..list(1.0) };
        keep_prices(dir.path(), &odd).unwrap();
        assert_eq!(kept_prices(dir.path(), &odd.region), None);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
