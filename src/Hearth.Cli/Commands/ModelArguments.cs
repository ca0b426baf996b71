using System.CommandLine;

namespace Hearth.Cli.Commands;

/// <summary>Arguments and options that several commands on models have.</summary>
internal static class ModelArguments
{
    /// <summary>The help name of models that are here, which shells complete.</summary>
    public const string Stored = "MODEL";

    private const string Forms = "NAME[:TAG], REGISTRY/NAME[:TAG], hf.co/OWNER/REPO[:QUANT] or ollama.com/NAME[:TAG]";

    /// <summary>A model that is stored.</summary>
    public static Argument<string> Local(string description, string name = "model", string helpName = Stored) =>
        new(name) { Description = $"{description}: a name, or an ID or its beginning", HelpName = helpName };

    /// <summary>Models that are stored.</summary>
    public static Argument<string[]> Locals(string description, ArgumentArity arity) =>
        new("models") { Description = $"{description}: names, or IDs or their beginnings", HelpName = Stored, Arity = arity };

    /// <summary>A model at the place that it comes from, or goes to.</summary>
    public static Argument<string> Remote(string description, string name = "model") => new(name) { Description = $"{description}: {Forms}", HelpName = Stored };

    /// <summary>A new name.</summary>
    public static Argument<string> Target(string description) => new("target") { Description = $"{description}: NAME[:TAG] or REGISTRY/NAME[:TAG]", HelpName = "TARGET" };

    public static Option<bool> Insecure() => new("--insecure") { Description = "Speak to the registry without encryption, or though nobody vouches for its certificate" };

    public static Option<bool> Json(string description = "Print JSON instead of text") => new("--json") { Description = description };
}
