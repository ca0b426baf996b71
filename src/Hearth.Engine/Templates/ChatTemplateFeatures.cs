namespace Hearth.Engine.Templates;

/// <summary>What a chat template makes use of.</summary>
[Flags]
public enum ChatTemplateFeatures
{
    /// <summary>Nothing of the following.</summary>
    None = 0,

    /// <summary>The whole conversation; without it, only one question and its answer at a time.</summary>
    Messages = 1,

    /// <summary>Instructions for the model.</summary>
    System = 2,

    /// <summary>Tools that the model may call.</summary>
    Tools = 4,

    /// <summary>Text that follows what is to be written (fill in the middle).</summary>
    Suffix = 8,

    /// <summary>What the model thinks before it answers.</summary>
    Thinking = 16,
}
