//! What people share in a region: lifecycle configurations, images and how they are run.

use std::collections::BTreeMap;

use aws_smithy_types::base64;
use serde_json::json;

use super::accounts::BROAD_ROLE;
use super::site::{Site, days};
use crate::sim::world::{
    AppImageConfig, Image, ImageVersion, LifecycleConfig, Name, Settings, Status, Tags, TrackingServer,
};

/// Lifecycle configurations: name, kind of app, script.
const SCRIPTS: [(&str, &str, &str); 14] = [
    (
        "auto-stop-idle",
        "JupyterLab",
        "#!/bin/bash\nset -eu\n# Stops the app after two idle hours.\nexport IDLE_TIME_IN_SECONDS=7200\n",
    ),
    (
        "install-extensions",
        "JupyterLab",
        "#!/bin/bash\nset -eux\npip install --quiet jupyterlab-git nbdime\n",
    ),
    (
        "code-editor-init",
        "CodeEditor",
        "#!/bin/bash\nset -eux\nsagemaker-code-editor --install-extension ms-python.python\n",
    ),
    ("classic-auto-shutdown", "JupyterServer", "#!/bin/bash\nset -eux\nexport TIMEOUT_IN_MINS=120\n"),
    (
        "mirror-pip",
        "KernelGateway",
        "#!/bin/bash\nset -eu\npip config set global.index-url https://pypi.example.com/simple\n",
    ),
    ("git-identity", "JupyterLab", "#!/bin/bash\nset -eu\ngit config --global credential.helper cache\n"),
    ("mount-datasets", "JupyterLab", "#!/bin/bash\nset -eu\nmkdir -p \"$HOME/datasets\"\n"),
    ("conda-channels", "KernelGateway", "#!/bin/bash\nset -eu\nconda config --add channels conda-forge\n"),
    (
        "proxy-settings",
        "JupyterLab",
        "#!/bin/bash\nset -eu\necho 'export HTTPS_PROXY=http://proxy.example.com:3128' >>\"$HOME/.bashrc\"\n",
    ),
    (
        "code-editor-proxy",
        "CodeEditor",
        "#!/bin/bash\nset -eu\nexport HTTPS_PROXY=http://proxy.example.com:3128\n",
    ),
    ("cleanup-tmp", "JupyterLab", "#!/bin/bash\nset -eu\nfind /tmp -mtime +2 -delete\n"),
    ("s3-backup", "JupyterLab", "#!/bin/bash\nset -eu\naws s3 sync \"$HOME\" s3://acme-studio-backup/\n"),
    ("r-packages", "KernelGateway", "#!/bin/bash\nset -eu\nR -e 'install.packages(\"data.table\")'\n"),
    ("dark-theme", "JupyterServer", "#!/bin/bash\nset -eu\necho dark\n"),
];

/// Custom images: name, what it is, versions.
const IMAGES: [(&str, &str, u32); 12] = [
    ("pytorch-cuda12", "PyTorch with CUDA 12 for research", 13),
    ("risk-python", "Python with the risk library", 2),
    ("nlp-transformers", "Transformers and tokenizers", 3),
    ("geo-stack", "Rasters, vectors and maps", 1),
    ("r-base", "R with the tidyverse", 1),
    ("spark-client", "A client of the Spark clusters", 2),
    ("jax-gpu", "JAX with GPU support", 1),
    ("dbt-runner", "Models of the warehouse", 1),
    ("forecasting", "Time series", 2),
    ("vision-labels", "Labelling tools", 1),
    ("genomics-tools", "Sequences", 1),
    ("minimal", "Almost nothing", 1),
];

/// Puts so many lifecycle configurations and images into a region.
pub(super) fn fill(site: &mut Site<'_>, scripts: usize, images: usize) {
    for (index, (name, app_type, script)) in (0..).zip(SCRIPTS.iter().take(scripts)) {
        let created = site.now - days(360 - index * 17);
        let content = base64::encode(script).into();
        let config = LifecycleConfig {
            name: (*name).into(),
            app_type: (*app_type).into(),
            content,
            created,
            tags: Tags::default(),
        };
        site.region().lifecycle_configs.insert(config.name.clone(), config);
    }
    for (index, (name, purpose, versions)) in (0..).zip(IMAGES.iter().take(images)) {
        add_image(site, index, (name, purpose), *versions);
    }
}

/// Puts an `MLflow` tracking server into a region, made by a person of a domain or by nobody known.
pub(super) fn add_tracking_server(
    site: &mut Site<'_>,
    name: &str,
    status: &str,
    created_by: Option<(Name, Name)>,
) {
    let server = TrackingServer {
        name: name.into(),
        status: status.into(),
        size: "Small".into(),
        version: "2.16.2".into(),
        artifacts: format!("s3://acme-mlflow-{}/{name}", site.scope.region).into(),
        role_arn: site.role(BROAD_ROLE).into(),
        created_by,
        created: site.now - days(120),
        tags: Tags::default(),
    };
    site.region().tracking_servers.insert(server.name.clone(), server);
}

fn add_image(site: &mut Site<'_>, index: i64, (name, purpose): (&str, &str), versions: u32) {
    let created = site.now - days(300 - index * 11);
    let mut image = Image::new(name, &site.role(BROAD_ROLE), created);
    image.display_name = Some(name.replace('-', " ").into());
    image.description = Some(purpose.into());
    image.modified = created + days(4);
    image.next_version = versions + 1;
    let registry = format!("{}.dkr.ecr.{}.amazonaws.com/{name}", site.scope.account, site.scope.region);
    image.versions = (1..=versions)
        .map(|number| {
            let at = created + days(i64::from(number));
            // The newest version of the first image could not be built.
            let broken = index == 0 && number == versions;
            let version = ImageVersion {
                version: number,
                base_image: format!("{registry}:{number}").into(),
                created: at,
                modified: at,
                status: if broken { Status::Failed } else { Status::InService },
                failure: broken
                    .then(|| format!("ValidationError: The image {registry}:{number} is not there.").into()),
                aliases: Vec::new(),
                facts: Settings::new(json!({"JobType": "NOTEBOOK_KERNEL", "ProgrammingLang": "Python 3.12"})),
                client_token: None,
                generation: 0,
            };
            (number, version)
        })
        .collect::<BTreeMap<_, _>>();
    let region = site.region();
    region.images.insert(image.name.clone(), image);
    let users = json!({"FileSystemConfig": {"MountPath": "/home/sagemaker-user", "DefaultUid": 1000, "DefaultGid": 100}});
    let config = match index % 3 {
        0 => json!({"JupyterLabAppImageConfig": users}),
        1 => {
            json!({"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "python3", "DisplayName": purpose}]}})
        }
        _ => json!({"CodeEditorAppImageConfig": users}),
    };
    let config = AppImageConfig {
        name: format!("{name}-config").into(),
        config: Settings::new(config),
        created,
        modified: created,
        tags: Tags::default(),
    };
    region.app_image_configs.insert(config.name.clone(), config);
}
