using System.Text;
using Hearth.Store.Storage;

namespace Hearth.Store;

/// <summary>Where Hearth keeps things.</summary>
public static class StoreLocation
{
    private const string PointerFile = "models-folder";

    /// <summary>The folder of this user's Hearth: <c>$HEARTH_HOME</c>, else <c>hearth</c> in the system's folder for data of programs.</summary>
    public static string Home() => Environment.GetEnvironmentVariable("HEARTH_HOME") is { Length: > 0 } home
        ? home
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "hearth");

    /// <summary>The folder of this user's models: <c>$HEARTH_MODELS</c>, else where they have been moved to, else <c>models</c> in <see cref="Home"/>.</summary>
    public static string Models() => Environment.GetEnvironmentVariable("HEARTH_MODELS") is { Length: > 0 } models ? models : Models(Home());

    /// <summary>The folder of models that a home folder says.</summary>
    internal static string Models(string home)
    {
        string pointer = Path.Combine(home, PointerFile);
        string moved = File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : string.Empty;
        return moved.Length > 0 ? moved : Path.Combine(home, "models");
    }

    /// <summary>Lets <see cref="Models()"/> be another folder from now on.</summary>
    internal static void SetModels(string folder, string home, StoreFiles files) =>
        files.WriteWhole(Path.Combine(home, PointerFile), Encoding.UTF8.GetBytes(Path.GetFullPath(folder)));
}
