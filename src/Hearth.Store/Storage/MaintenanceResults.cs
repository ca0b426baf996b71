using Hearth.Store.References;

namespace Hearth.Store.Storage;

/// <summary>What a verification has found of one content.</summary>
/// <param name="Digest">The content, or the manifest; of the file of a reference that cannot be read, its name.</param>
/// <param name="Problem">What is wrong with it.</param>
/// <param name="Models">The names of the models that use it.</param>
public sealed record VerificationProblem(Digest Digest, string Problem, IReadOnlyList<string> Models);

/// <summary>What a verification has found.</summary>
/// <param name="Models">Models that were looked at.</param>
/// <param name="Contents">Contents that were read.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Problems">What is wrong; empty when all is well.</param>
public sealed record VerificationResult(int Models, int Contents, long Bytes, IReadOnlyList<VerificationProblem> Problems);

/// <summary>What a prune has removed.</summary>
/// <param name="Models">Models without a reference.</param>
/// <param name="Contents">Contents that no model uses.</param>
/// <param name="PartialDownloads">Downloads that were broken off.</param>
/// <param name="FreedBytes">Bytes that are free now.</param>
public sealed record PruneResult(IReadOnlyList<StoredModel> Models, int Contents, int PartialDownloads, long FreedBytes);

/// <summary>What the store needs of the drive.</summary>
/// <param name="Models">Models.</param>
/// <param name="ModelBytes">Bytes in the store's folder that models with a reference use; what two of them share counts once.</param>
/// <param name="SharedBytes">Bytes of them that more than one uses.</param>
/// <param name="LinkedBytes">Bytes of contents that are in other programs' folders, and are not counted elsewhere.</param>
/// <param name="UnusedBytes">Bytes of contents that no model with a reference uses; a prune frees them.</param>
/// <param name="PartialBytes">Bytes of downloads that were broken off.</param>
/// <param name="FreeBytes">Bytes that are free on the drive.</param>
public sealed record DiskUsage(int Models, long ModelBytes, long SharedBytes, long LinkedBytes, long UnusedBytes, long PartialBytes, long FreeBytes);
