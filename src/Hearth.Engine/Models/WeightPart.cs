using Hearth.Engine.Devices;

namespace Hearth.Engine.Models;

/// <summary>A part of a file's tensor that a block uses.</summary>
/// <param name="Weight">The handle.</param>
/// <param name="Slice">The matrix of a stack; 0 for single matrices.</param>
/// <param name="FirstRow">The part's first row in its matrix.</param>
internal readonly record struct WeightPart(Tensor Weight, int Slice, int FirstRow);
