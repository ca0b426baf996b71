using Hearth.Store.References;

namespace Hearth.Store.Manifests;

/// <summary>Says what a manifest means, whoever has packaged it.</summary>
internal static class ModelInterpreter
{
    /// <summary>Refuses what is no model before any layer is fetched, and layers whose paths lead out of their folder.</summary>
    /// <exception cref="ManifestException">It is of something else, or not safe.</exception>
    public static void Check(Manifest manifest) => throw new NotImplementedException();

    /// <summary>What a model's config says.</summary>
    /// <exception cref="ManifestException">The config is broken.</exception>
    public static ModelFacts ReadFacts(Manifest manifest, ReadOnlyMemory<byte> config) => throw new NotImplementedException();

    /// <summary>Where a model's files are, and what was packaged beside them.</summary>
    /// <param name="manifest">The model.</param>
    /// <param name="facts">What its config says.</param>
    /// <param name="locate">Gives the file of a content.</param>
    /// <param name="readText">Reads a small content: its digest, and the bytes that it may have.</param>
    /// <exception cref="ManifestException">It makes no sense: two projectors, a part that is missing, ...</exception>
    public static ModelContent Open(Manifest manifest, ModelFacts facts, Func<Digest, string> locate, Func<Digest, int, byte[]> readText) => throw new NotImplementedException();
}
