#pragma warning disable OPENAI001 // The SDK marks files and batches as experimental.
using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Batch;
using OpenAI.Files;

namespace Hearth.EndToEnd.Tests;

/// <summary>Files and batches of the official OpenAI .NET SDK, unchanged, against <c>hearth serve</c>.</summary>
public sealed class BatchSdkTests
{
    [Fact]
    public async Task Batch_IsSentWaitedForAndRead_AcrossARestart()
    {
        DirectoryInfo home = Directory.CreateTempSubdirectory("hearth-test-home-");
        try
        {
            const int Lines = 40;
            string batchId;
            string fileId;
            await using (ServerProcess first = await ServerProcess.StartInAsync(home.FullName))
            {
                OpenAIClient client = Connect(first);
                string lines = string.Join('\n', Enumerable.Range(0, Lines).Select(Line));
                OpenAIFile file = await client.GetOpenAIFileClient().UploadFileAsync(BinaryData.FromString(lines), "lines.jsonl", FileUploadPurpose.Batch);
                fileId = file.Id;
                Assert.Equal((Encoding.UTF8.GetByteCount(lines), "lines.jsonl", FilePurpose.Batch), (file.SizeInBytes, file.Filename, file.Purpose));
                using BinaryContent body = BinaryContent.Create(BinaryData.FromString($$"""{"input_file_id":"{{fileId}}","endpoint":"/v1/chat/completions","completion_window":"24h"}"""));
                CreateBatchOperation operation = await client.GetBatchClient().CreateBatchAsync(body, waitUntilCompleted: false);
                batchId = operation.BatchId;
            }

            await using ServerProcess second = await ServerProcess.StartInAsync(home.FullName);
            OpenAIClient again = Connect(second);
            CreateBatchOperation resumed = await CreateBatchOperation.RehydrateAsync(again.GetBatchClient(), batchId, TestContext.Current.CancellationToken);
            JsonElement batch;
            do
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
                ClientResult result = await resumed.GetBatchAsync(null);
                batch = JsonDocument.Parse(result.GetRawResponse().Content).RootElement;
            }
            while (batch.GetProperty("status").GetString() is "validating" or "in_progress" or "finalizing");

            Assert.Equal("completed", batch.GetProperty("status").GetString());
            OpenAIFileClient files = again.GetOpenAIFileClient();
            BinaryData output = await files.DownloadFileAsync(batch.GetProperty("output_file_id").GetString()!, TestContext.Current.CancellationToken);
            string[] ids = [.. output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("custom_id").GetString()!)];
            Assert.Equal(Enumerable.Range(0, Lines).Select(i => $"{i:d2}"), ids.Order(StringComparer.Ordinal));
            OpenAIFileCollection listed = await files.GetFilesAsync(TestContext.Current.CancellationToken);
            Assert.Equal(2, listed.Count);
            FileDeletionResult deleted = await files.DeleteFileAsync(fileId, TestContext.Current.CancellationToken);
            Assert.True(deleted.Deleted);
            ClientResultException gone = await Assert.ThrowsAsync<ClientResultException>(() => files.GetFileAsync(fileId, TestContext.Current.CancellationToken));
            Assert.Equal(404, gone.Status);
        }
        finally
        {
            home.Delete(recursive: true);
        }
    }

    private static string Line(int i) =>
        $$$"""{"custom_id":"{{{i:d2}}}","method":"POST","url":"/v1/chat/completions","body":{"messages":[{"role":"user","content":"What is Hearth?"}],"max_tokens":60}}""";

    private static OpenAIClient Connect(ServerProcess server) =>
        new(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = new Uri(server.Client.BaseAddress!, "/v1") });
}
