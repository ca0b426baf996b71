namespace Hearth.Kernels.Scan;

/// <summary>The sizes of a Mamba-2 layer.</summary>
/// <param name="Heads">Heads.</param>
/// <param name="HeadSize">Channels of a head.</param>
/// <param name="Groups">Groups of heads that share b and c: head h is in group h / (heads / groups). Divides the heads.</param>
/// <param name="States">States of a channel.</param>
public readonly record struct StateSpaceDualShape(int Heads, int HeadSize, int Groups, int States);
