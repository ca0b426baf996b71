using Hearth.Store.References;

namespace Hearth.Store.Importing;

/// <summary>A file of a model that another program has.</summary>
/// <param name="Path">Where it is, behind any link.</param>
/// <param name="Size">Its bytes.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Digest">What it must be; null where the other program does not say it.</param>
/// <param name="Name">Its path in the model, parts divided by <c>/</c>.</param>
internal sealed record ForeignFile(string Path, long Size, string MediaType, Digest? Digest, string Name);
