namespace Hearth.Engine.Output.Replies;

/// <summary>Why a reader pauses.</summary>
internal enum Step
{
    /// <summary>It needs more text, or to know that there is none.</summary>
    NeedsText,

    /// <summary>The text is not what it reads; it cannot go on.</summary>
    Broken,
}
