namespace Hearth.Server.Files;

/// <summary>What is known of a file that a client sent, or that a batch made.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Filename">What the client calls it; it names nothing here.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="CreatedAt">When it came, in seconds since 1970.</param>
/// <param name="ExpiresAt">When it goes; null for never.</param>
/// <param name="Owner">The name of the key that may see it; null where no keys were wanted.</param>
internal sealed record FileRecord(string Id, string Filename, string Purpose, long Bytes, long CreatedAt, long? ExpiresAt, string? Owner);
