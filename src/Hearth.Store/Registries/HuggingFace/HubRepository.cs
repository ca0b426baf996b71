namespace Hearth.Store.Registries.HuggingFace;

/// <summary>A repository at one commit.</summary>
/// <param name="Id">Its name as Hugging Face spells it.</param>
/// <param name="Commit">The commit.</param>
/// <param name="LastModified">When it was last changed.</param>
/// <param name="IsGated">Whether its files are only for those who have accepted its conditions.</param>
/// <param name="Files">Its files, without those whose paths lead out of it.</param>
internal sealed record HubRepository(string Id, string Commit, DateTimeOffset LastModified, bool IsGated, IReadOnlyList<HubFile> Files);
