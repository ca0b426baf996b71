using Hearth.Store.Manifests;

namespace Hearth.Store.Modelfiles;

/// <summary>A Modelfile: how a model is made of another one or of files (the grammar is Ollama's).</summary>
public sealed record Modelfile
{
    /// <summary>What it is made from: a model's name or paths; the first is the base.</summary>
    public required IReadOnlyList<string> From { get; init; }

    /// <summary>Paths of LoRA adapters.</summary>
    public IReadOnlyList<string> Adapters { get; init; } = [];

    /// <summary>The path of a model that drafts for this one; null for none.</summary>
    public string? Draft { get; init; }

    /// <summary>The chat template, in Go's or in Jinja's language; null to keep the base's.</summary>
    public PackagedTemplate? Template { get; init; }

    /// <summary>Instructions; null to keep the base's.</summary>
    public string? System { get; init; }

    /// <summary>The name of what Ollama writes prompts with instead of a template; null for none.</summary>
    public string? Renderer { get; init; }

    /// <summary>The name of what Ollama reads answers with; null for none.</summary>
    public string? Parser { get; init; }

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
    public static Modelfile Parse(ReadOnlySpan<byte> bytes) => ModelfileParser.Parse(bytes);

    /// <summary>
    /// Writes it so that <see cref="Parse"/> reads the same back. Only what no Modelfile can say is lost: characters that are not printable, and a
    /// line within a text that ends with three quotes.
    /// </summary>
    public override string ToString() => ModelfileWriter.Write(this);
}
