namespace Hearth.Server.Settings;

/// <summary>A setting with a value that makes no sense.</summary>
/// <param name="name">The setting.</param>
/// <param name="reason">What follows its name: what is wrong, and what is expected.</param>
public sealed class SettingException(string name, string reason) : Exception($"'{name}' {reason}")
{
    /// <summary>The setting.</summary>
    public string Name { get; } = name;

    /// <summary>What follows its name: what is wrong, and what is expected.</summary>
    public string Reason { get; } = reason;
}

/// <summary>A file of settings that cannot be used. It is never overwritten.</summary>
public sealed class SettingsFileException(string path, string reason, Exception? inner = null) : Exception(
    $"The settings file '{path}' {reason}. Repair it, or move it away to begin with none.", inner)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}
