namespace Hearth.Engine.Models.Families;

/// <summary>ERNIE 4.5 without experts: Llama in all that the engine sees.</summary>
internal sealed class Ernie45Family : TransformerFamily
{
    public override IReadOnlyList<string> Architectures { get; } = ["ernie4_5"];
}
