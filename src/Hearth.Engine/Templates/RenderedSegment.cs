namespace Hearth.Engine.Templates;

/// <summary>A run of rendered text with one origin.</summary>
/// <param name="Text">The text; never empty.</param>
/// <param name="FromTemplate">
/// True when every character was written by the template's author, so that special tokens in it are meant; false when it came from the
/// context (a message, a tool's description), where a special token's spelling is only text.
/// </param>
public readonly record struct RenderedSegment(string Text, bool FromTemplate);
