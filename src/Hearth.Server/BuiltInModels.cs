using System.Reflection;
using Hearth.Store;

namespace Hearth.Server;

/// <summary>Models that Hearth brings along.</summary>
public static class BuiltInModels
{
    /// <summary>The name of the small model that answers questions about Hearth.</summary>
    public const string Guide = "guide";

    private const string ResourceName = "guide.gguf";
    private static readonly Lazy<string> s_guide = new(() => Locate(AppContext.BaseDirectory, Assembly.GetEntryAssembly(), StoreLocation.Home));

    /// <summary>The path of a built-in model's file, or null when the name is not one.</summary>
    /// <exception cref="IOException">The file is inside the program and cannot be written beside the settings, where it has to be to be mapped.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    public static string? Find(string name) => name == Guide ? s_guide.Value : null;

    /// <summary>The file that a user's word for a model means: a built-in name, else a path.</summary>
    public static string Resolve(string model) => Find(model) ?? model;

    /// <summary>The name to serve a model under: a built-in name as it is, a path's file name without its ending.</summary>
    public static string NameOf(string model) => model == Guide ? model : Path.GetFileNameWithoutExtension(model);

    /// <summary>The guide's file: beside the program, else of the program that is one file, written where it is found again.</summary>
    /// <param name="folder">The program's.</param>
    /// <param name="program">What may have the model inside.</param>
    /// <param name="home">Gives the folder to write to.</param>
    internal static string Locate(string folder, Assembly? program, Func<string> home)
    {
        string beside = Path.Combine(folder, "models", ResourceName);
        if (File.Exists(beside) || program?.GetManifestResourceInfo(ResourceName) is null)
        {
            return beside;
        }

        // Each build has an identifier of its own, so an older build's file is never taken for this one's.
        string target = Path.Combine(home(), "built-in", $"guide-{program.ManifestModule.ModuleVersionId:N}.gguf");
        if (!File.Exists(target))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            string partial = $"{target}.{Environment.ProcessId}.tmp";
            using (Stream model = program.GetManifestResourceStream(ResourceName)!)
            using (FileStream file = File.Create(partial))
            {
                model.CopyTo(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, target, overwrite: true);
        }

        return target;
    }
}
