using System.IO.MemoryMappedFiles;

namespace Hearth.Tests.Fuzzing;

/// <summary>The input that is being read, in a file that is still there when the process ends in the middle of it, as with a stack that is full.</summary>
internal sealed class CurrentInput : IDisposable
{
    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public CurrentInput(FuzzTarget target)
    {
        Directory.CreateDirectory(FuzzOptions.Folder);
        _path = Path.Combine(FuzzOptions.Folder, $"{target.Name}-{Environment.ProcessId}.current");
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Create, null, sizeof(int) + (2L * target.MaxLength));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>Writes it, with its length before it.</summary>
    public void Set(byte[] input)
    {
        _view.Write(0, input.Length);
        _view.WriteArray(sizeof(int), input, 0, input.Length);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
