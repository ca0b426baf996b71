using System.Text.Json;
using System.Text.Json.Nodes;
using Hearth.Store.Manifests;
using Hearth.Store.References;

namespace Hearth.Store.Packaging;

/// <summary>Changes what the config of a model in Docker's format says.</summary>
internal static class Repackager
{
    /// <summary>The same layers with another context.</summary>
    /// <exception cref="PackageException">The format has no place for it.</exception>
    /// <exception cref="ManifestException">The config is broken.</exception>
    public static BuiltPackage SetContext(Manifest manifest, byte[] config, long contextSize)
    {
        if (contextSize is <= 0 or > int.MaxValue)
        {
            throw new PackageException($"A context of {contextSize} tokens cannot be packaged; it has from 1 to {int.MaxValue}.");
        }

        ModelFacts facts = ModelInterpreter.ReadFacts(manifest, config);
        switch (facts.Package)
        {
            case PackageFormat.Cncf:
                throw new PackageException("The model is in the CNCF's format, which has no place for a context size; 'hearth configure' keeps one for it.");
            case PackageFormat.Ollama:
                throw new PackageException("The model is in Ollama's format; 'hearth create' with a Modelfile of 'FROM' and 'PARAMETER num_ctx' gives it a context size.");
        }

        try
        {
            JsonObject described = GoJson.Parse(config);
            if (described["config"] is not JsonObject members)
            {
                described["config"] = members = [];
            }

            members["context_size"] = contextSize;
            byte[] changed = GoJson.Encode(described);
            JsonObject root = GoJson.Parse(manifest.Bytes.Span);
            JsonObject descriptor = root["config"]!.AsObject();
            descriptor["size"] = changed.Length;
            descriptor["digest"] = Digest.Of(changed).ToString();
            return new BuiltPackage(Manifest.Read(GoJson.Encode(root)), changed);
        }
        catch (JsonException exception)
        {
            throw new ManifestException($"The model's config cannot be changed: {exception.Message}", inner: exception);
        }
    }
}
