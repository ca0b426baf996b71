using Hearth.Engine.Grammar.Masks;

namespace Hearth.Engine.Grammar.Machine;

/// <summary>All places in the grammar where a text may be. What follows from one is found once, and kept.</summary>
/// <param name="kernel">The places that the last byte led to, in order.</param>
/// <param name="readers">Places with transitions that read a byte: those of the kernel, and of the rules that begin there.</param>
/// <param name="isAccepting">Whether the text may end here.</param>
/// <param name="isEscaped">Whether the end of a rule was reached for which nobody is known to wait.</param>
internal sealed class Configuration(Item[] kernel, Item[] readers, bool isAccepting, bool isEscaped)
{
    /// <summary>The places that the last byte led to.</summary>
    public Item[] Kernel => kernel;

    /// <summary>Places with transitions that read a byte.</summary>
    public Item[] Readers => readers;

    /// <summary>Whether the text may end here.</summary>
    public bool IsAccepting => isAccepting;

    /// <summary>Whether the end of a rule was reached for which nobody is known to wait.</summary>
    public bool IsEscaped => isEscaped;

    /// <summary>Whether the text may go on from here.</summary>
    public bool IsLive => kernel.Length > 0;

    /// <summary>Whether no text comes here.</summary>
    public bool IsDead => kernel.Length == 0 && !isAccepting && !isEscaped;

    /// <summary>What follows each byte, as far as it is known.</summary>
    public Configuration?[]? Next { get; set; }

    /// <summary>The same places, when nothing is known about who waits.</summary>
    public Configuration? Local { get; set; }

    /// <summary>The tokens that <see cref="Local"/> places allow, or null when that is not known yet.</summary>
    public LocalMask? LocalMask { get; set; }

    /// <summary>The tokens that may follow, or null when that is not known yet.</summary>
    public TokenMask? Mask { get; set; }

    /// <summary>The tokens of the text that must follow, or null when that is not known yet.</summary>
    public int[]? Forced { get; set; }
}
