namespace Hearth.Store.Packaging;

/// <summary>Refuses GGUF files that are something else than what they are given as.</summary>
internal static class GgufKinds
{
    /// <exception cref="PackageException">It is no model.</exception>
    public static void RequireModel(GgufFacts facts, string path)
    {
        if (facts.IsProjector || facts.IsAdapter || facts.Type is "imatrix" or "vocab")
        {
            throw new PackageException($"'{path}' is {Describe(facts)}, not the weights of a model.");
        }
    }

    /// <exception cref="PackageException">It is no projector.</exception>
    public static void RequireProjector(GgufFacts facts, string path)
    {
        if (!facts.IsProjector)
        {
            throw new PackageException($"'{path}' is {Describe(facts)}, not a projector.");
        }
    }

    /// <exception cref="PackageException">It is no adapter.</exception>
    public static void RequireAdapter(GgufFacts facts, string path)
    {
        if (!facts.IsAdapter)
        {
            throw new PackageException($"'{path}' is {Describe(facts)}, not a LoRA adapter.");
        }
    }

    private static string Describe(GgufFacts facts) =>
        facts.IsProjector ? "a projector"
        : facts.IsAdapter ? "a LoRA adapter"
        : facts.Type == "model" ? $"a model ({facts.Architecture ?? "without an architecture"})"
        : $"a GGUF file of the type '{facts.Type}'";
}
