namespace Hearth.Store.Transfer;

/// <summary>How far the transfer of one content is.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Done">Bytes that are there.</param>
/// <param name="Message">What to tell people; null for nothing but the bytes.</param>
internal readonly record struct BlobProgress(TransferStage Stage, long Done, string? Message = null);
