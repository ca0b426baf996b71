namespace Hearth.Store.Manifests;

/// <summary>The media types of models: Docker's (docker/model-spec), the CNCF's (ModelPack) and Ollama's.</summary>
public static class MediaTypes
{
    /// <summary>A manifest of the OCI image specification.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>An index of the OCI image specification.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>A manifest of Docker, which Ollama uses.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>The config of a model that Docker packages.</summary>
    public const string DockerConfig = "application/vnd.docker.ai.model.config.v0.1+json";

    /// <summary>The config of a model that Docker packages with one layer for each file.</summary>
    public const string DockerFilesConfig = "application/vnd.docker.ai.model.config.v0.2+json";

    /// <summary>GGUF weights; each part of split ones is a layer.</summary>
    public const string Gguf = "application/vnd.docker.ai.gguf.v3";

    /// <summary>A LoRA adapter.</summary>
    public const string Lora = "application/vnd.docker.ai.gguf.v3.lora";

    /// <summary>A projector, as Docker's program writes it.</summary>
    public const string Projector = "application/vnd.docker.ai.mmproj";

    /// <summary>A projector, as the specification writes it.</summary>
    public const string SpecifiedProjector = "application/vnd.docker.ai.gguf.v3.mmproj";

    /// <summary>Safetensors weights.</summary>
    public const string Safetensors = "application/vnd.docker.ai.safetensors";

    /// <summary>Weights of diffusion models.</summary>
    public const string Dduf = "application/vnd.docker.ai.dduf";

    /// <summary>A licence.</summary>
    public const string License = "application/vnd.docker.ai.license";

    /// <summary>A Jinja chat template.</summary>
    public const string ChatTemplate = "application/vnd.docker.ai.chat.template.jinja";

    /// <summary>Any other file.</summary>
    public const string File = "application/vnd.docker.ai.model.file";

    /// <summary>The config of a ModelPack.</summary>
    public const string CncfConfig = "application/vnd.cncf.model.config.v1+json";

    /// <summary>The artifact type of a ModelPack.</summary>
    public const string CncfArtifact = "application/vnd.cncf.model.manifest.v1+json";

    /// <summary>Weights of a ModelPack, as they are.</summary>
    public const string CncfWeight = "application/vnd.cncf.model.weight.v1.raw";

    /// <summary>GGUF weights of a ModelPack, in the older way.</summary>
    public const string CncfGguf = "application/vnd.cncf.model.weight.v1.gguf";

    /// <summary>Safetensors weights of a ModelPack, in the older way.</summary>
    public const string CncfSafetensors = "application/vnd.cncf.model.weight.v1.safetensors";

    /// <summary>Files of a ModelPack that belong to the weights.</summary>
    public const string CncfWeightConfig = "application/vnd.cncf.model.weight.config.v1.raw";

    /// <summary>Texts of a ModelPack.</summary>
    public const string CncfDocument = "application/vnd.cncf.model.doc.v1.raw";

    /// <summary>The config of a model of Ollama.</summary>
    public const string OllamaConfig = "application/vnd.docker.container.image.v1+json";

    /// <summary>What the types of Ollama's layers begin with.</summary>
    public const string OllamaLayer = "application/vnd.ollama.image.";

    /// <summary>The annotation with a layer's path.</summary>
    public const string FilePath = "org.cncf.model.filepath";

    /// <summary>The annotation with a file's name, mode, size and time, as JSON.</summary>
    public const string FileMetadata = "org.cncf.model.file.metadata+json";

    /// <summary>The annotation that says whether nobody has looked if the media type is right.</summary>
    public const string FileTypeUntested = "org.cncf.model.file.mediatype.untested";
}
