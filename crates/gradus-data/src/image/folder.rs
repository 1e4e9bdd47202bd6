//! A folder of pictures, with one folder per class.

use std::fs;
use std::path::{Path, PathBuf};

use gradus_tensor::Tensor;

use super::read::{Channels, read_image};
use crate::{Dataset, Error, Result};

/// Pictures in `root/CLASS/*.png` and `*.jpg`; an item is a picture `[C, H, W]` in u8 and its label.
///
/// Classes and files are in the order of their names, so that indices and labels are the same on
/// every machine. Files of other kinds are left out. Pictures are read when they are asked for: put
/// a [`crate::Map`] above to bring them to one size, and a [`crate::Cache`] above that to keep them.
///
/// # Reference
/// torchvision's `ImageFolder`.
///
/// # Examples
/// ```no_run
/// use gradus_data::{Channels, Dataset, ImageFolder, Interpolation, Map, resize};
/// let pictures = ImageFolder::open("flowers", Channels::Rgb)?;
/// println!("{} of {:?}", pictures.len(), pictures.classes());
/// let same_size = Map::new(pictures, |[image, label]: [gradus_tensor::Tensor; 2]| {
///     Ok([resize(&image, [64, 64], Interpolation::Antialiased)?, label])
/// });
/// # Ok::<(), gradus_data::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ImageFolder {
    classes: Vec<String>,
    files: Vec<(PathBuf, i64)>,
    channels: Channels,
}

impl ImageFolder {
    /// Lists a folder.
    ///
    /// # Errors
    /// [`Error::Io`] if a folder cannot be read; [`Error::InvalidArgument`] if there is no folder of
    /// a class, a class has no picture, or its name is not UTF-8.
    pub fn open(root: impl AsRef<Path>, channels: Channels) -> Result<Self> {
        let root = root.as_ref();
        let invalid = |expected, path: &Path| {
            let (op, name, got) = ("ImageFolder::open", "root", path.display().to_string());
            Error::InvalidArgument { op, name, expected, got }
        };
        let (mut classes, mut files) = (Vec::new(), Vec::new());
        for class in sorted(root)?.into_iter().filter(|path| path.is_dir()) {
            let pictures = sorted(&class)?.into_iter().filter(|path| is_picture(path));
            let before = files.len();
            files.extend(pictures.map(|path| (path, classes.len() as i64)));
            if files.len() == before {
                return Err(invalid("a folder whose classes have pictures", &class));
            }
            let name = class.file_name().and_then(|name| name.to_str());
            classes
                .push(name.ok_or_else(|| invalid("a folder of UTF-8 names", &class))?.to_owned());
        }
        if classes.is_empty() {
            return Err(invalid("a folder with one folder per class", root));
        }
        Ok(Self { classes, files, channels })
    }

    /// Names of the classes; a label is a place in this list.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The label of every picture.
    pub fn labels(&self) -> Vec<i64> {
        self.files.iter().map(|(_, label)| *label).collect()
    }

    /// Where the file of a picture is.
    pub fn path(&self, index: usize) -> Option<&Path> {
        self.files.as_slice().get(index).map(|(path, _)| path.as_path())
    }
}

impl Dataset for ImageFolder {
    type Item = [Tensor; 2];

    fn len(&self) -> usize {
        self.files.len()
    }

    fn get(&self, index: usize) -> Result<[Tensor; 2]> {
        self.check_index(index)?;
        let (path, label) = &self.files[index];
        Ok([read_image(path, self.channels)?, Tensor::scalar(*label)])
    }
}

/// What lies in a folder, by name.
fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let fault = |source| Error::Io { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(fault)?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(fault)?.path());
    }
    paths.sort();
    Ok(paths)
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let known = |e: &str| ["png", "jpg", "jpeg"].iter().any(|k| e.eq_ignore_ascii_case(k));
    extension.is_some_and(known) && path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_and_files_are_in_order() {
        let root = tempfile::tempdir().unwrap();
        let save = |class: &str, file: &str, value: u8| {
            fs::create_dir_all(root.path().join(class)).unwrap();
            let image = image::GrayImage::from_pixel(3, 2, image::Luma([value]));
            image.save(root.path().join(class).join(file)).unwrap();
        };
        save("dog", "b.png", 20);
        save("dog", "a.PNG", 10);
        save("cat", "z.png", 30);
        fs::write(root.path().join("dog/notes.txt"), "no picture").unwrap();
        fs::write(root.path().join("readme"), "no class").unwrap();
        let folder = ImageFolder::open(root.path(), Channels::Gray).unwrap();
        assert_eq!(
            (folder.classes(), folder.labels()),
            (&["cat", "dog"].map(str::to_owned)[..], vec![0, 1, 1])
        );
        let [image, label] = folder.get(1).unwrap();
        assert_eq!((image.dims(), label.item().unwrap()), (&[1, 2, 3][..], 1.0));
        assert_eq!(image.to_vec::<u8>().unwrap(), [10; 6]);
        assert!(folder.path(2).unwrap().ends_with("dog/b.png") && folder.get(3).is_err());
        fs::write(root.path().join("dog/b.png"), b"").unwrap();
        assert!(folder.get(2).unwrap_err().to_string().ends_with("b.png"));
        fs::create_dir(root.path().join("empty")).unwrap();
        assert!(ImageFolder::open(root.path(), Channels::Gray).is_err());
        assert!(ImageFolder::open(root.path().join("cat"), Channels::Gray).is_err());
        assert!(ImageFolder::open(root.path().join("absent"), Channels::Gray).is_err());
    }
}
