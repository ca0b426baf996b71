using Hearth.Store.Storage;
using Microsoft.Win32.SafeHandles;

namespace Hearth.Store.Tests.Storage;

/// <summary>Files that do not wait for the drive, for no test cuts the power.</summary>
internal class UnflushedFiles : StoreFiles
{
    public override void Flush(SafeFileHandle file)
    {
    }
}
