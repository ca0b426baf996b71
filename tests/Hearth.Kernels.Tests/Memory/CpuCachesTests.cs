using Hearth.Kernels.Memory;

namespace Hearth.Kernels.Tests.Memory;

public sealed class CpuCachesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hearth-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void SharedCaches_CountOnce()
    {
        foreach (int processor in Enumerable.Range(0, 4))
        {
            Write(processor, 0, "1", "48K", $"{processor}");
            Write(processor, 1, "3", "32M", processor < 2 ? "0-1" : "2-3");
            Write(processor, 2, "2", "2048K", $"{processor}");
        }

        Assert.Equal(64L << 20, CpuCaches.ReadLastLevel(_folder.FullName));
    }

    [Fact]
    public void SizesInKibibytesAndBytes_AreRead()
    {
        Write(0, 0, "1", "266240K", "0");
        Write(1, 0, "1", "1024", "1");

        Assert.Equal((260L << 20) + 1024, CpuCaches.ReadLastLevel(_folder.FullName));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("")]
    [InlineData("99999999999999999999K")]
    public void WhatMakesNoSense_IsUnknown(string size)
    {
        Write(0, 0, "1", size, "0");

        Assert.Equal(0, CpuCaches.ReadLastLevel(_folder.FullName));
        Assert.Equal(0, CpuCaches.ReadLastLevel(Path.Combine(_folder.FullName, "missing")));
    }

    private void Write(int processor, int index, string level, string size, string shared)
    {
        DirectoryInfo cache = _folder.CreateSubdirectory($"cpu{processor}/cache/index{index}");
        File.WriteAllText(Path.Combine(cache.FullName, "level"), level + "\n");
        File.WriteAllText(Path.Combine(cache.FullName, "size"), size + "\n");
        File.WriteAllText(Path.Combine(cache.FullName, "shared_cpu_list"), shared + "\n");
    }
}
