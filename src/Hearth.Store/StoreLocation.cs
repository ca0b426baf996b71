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
    public static string Models()
    {
        if (Environment.GetEnvironmentVariable("HEARTH_MODELS") is { Length: > 0 } models)
        {
            return models;
        }

        string pointer = Path.Combine(Home(), PointerFile);
        return File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : Path.Combine(Home(), "models");
    }

    /// <summary>Lets <see cref="Models"/> be another folder from now on.</summary>
    internal static void SetModels(string folder, Storage.StoreFiles files) =>
        files.WriteWhole(Path.Combine(Home(), PointerFile), System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(folder)));
}
