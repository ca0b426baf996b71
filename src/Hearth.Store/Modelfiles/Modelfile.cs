using Hearth.Store.Manifests;

namespace Hearth.Store.Modelfiles;

/// <summary>A Modelfile: how a model is made of another one or of files (the grammar is Ollama's).</summary>
public sealed record Modelfile
{
    /// <summary>What it is made from: a model's name or paths; the first is the base.</summary>
    public required IReadOnlyList<string> From { get; init; }

    /// <summary>Paths of LoRA adapters.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>The chat template, in Go's or in Jinja's language; null to keep the base's.</summary>
    public PackagedTemplate? Template { get; init; }

    /// <summary>Instructions; null to keep the base's.</summary>
    public string? System { get; init; }

    /// <summary>Parameters in the order in which they stand; a name may come more than once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>Messages; empty to keep the base's.</summary>
    public IReadOnlyList<PackagedMessage> Messages { get; init; } = [];

    /// <summary>Texts of licences.</summary>
    public IReadOnlyList<string> Licenses { get; init; } = [];

    /// <summary>The version of Ollama that it asks for; null for any.</summary>
    public string? Requires { get; init; }

    /// <summary>Reads a Modelfile.</summary>
    /// <param name="bytes">UTF-8, or UTF-16 with a byte order mark.</param>
    /// <exception cref="ModelfileException">It is not one.</exception>
    public static Modelfile Parse(ReadOnlySpan<byte> bytes) => throw new NotImplementedException();

    /// <summary>Writes it so that <see cref="Parse"/> reads the same back.</summary>
    public override string ToString() => throw new NotImplementedException();
}
