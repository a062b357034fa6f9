using System.Text;
using System.Text.Json.Nodes;
using Dapr.Proto.Runtime.V1;
using LocalDapr.Protocol.Grpc;
using LocalDapr.Runtime.Api;

namespace LocalDapr.Runtime.Jobs;

/// <summary>The jobs API over HTTP and gRPC, stable and alpha1 alike.</summary>
internal sealed class JobsApi
{
    private readonly string app;
    private readonly string space;
    private readonly Lazy<JobScheduler> scheduler;

    private JobsApi(string app, string space, Lazy<JobScheduler> scheduler) => (this.app, this.space, this.scheduler) = (app, space.Length > 0 ? space : "default", scheduler);

    public static void Map(ApiRoutes http, GrpcServices grpc, string app, string space, Lazy<JobScheduler> scheduler)
    {
        var api = new JobsApi(app, space, scheduler);
        api.MapHttp(http);
        api.MapGrpc(grpc);
    }

    private void MapHttp(ApiRoutes http)
    {
        string[] versions = ["v1.0", "v1.0-alpha1"];
        http.Map("jobs", "POST", "jobs/{name}", async (call, route) =>
        {
            var (job, overwrite) = JobJson.Read(await call.ReadBodyAsync());
            if (job.Name.Length > 0)
                throw Error(400, StatusCode.InvalidArgument, "DAPR_SCHEDULER_JOB_NAME", "Set the job name in the url only");
            job.Name = route["name"];
            await ScheduleAsync(job, overwrite);
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        }, versions);
        http.Map("jobs", "GET", "jobs/{name}", async (call, route) =>
        {
            var job = Get(route["name"]);
            try
            {
                await call.WriteJsonAsync(Encoding.UTF8.GetBytes(JobJson.Write(job)));
            }
            catch (InvalidOperationException failure)
            {
                throw Error(500, StatusCode.Internal, "DAPR_SCHEDULER_GET_JOB", $"the data of job {job.Name} has no form in JSON: {failure.Message}");
            }
        }, versions);
        http.Map("jobs", "DELETE", "jobs/{name}", async (call, route) =>
        {
            await DeleteAsync(route["name"]);
            call.Response.StatusCode = StatusCodes.Status204NoContent;
        }, versions);
    }

    private void MapGrpc(GrpcServices grpc)
    {
        foreach (var method in new[] { DaprMethods.ScheduleJob, DaprMethods.ScheduleJobAlpha1 })
        {
            grpc.Serve(method, async (request, _) =>
            {
                await ScheduleAsync(request.Job ?? throw Error(400, StatusCode.InvalidArgument, "DAPR_SCHEDULER_EMPTY", "job is empty"), request.Overwrite);
                return new ScheduleJobResponse();
            });
        }
        foreach (var method in new[] { DaprMethods.GetJob, DaprMethods.GetJobAlpha1 })
            grpc.Serve(method, (request, _) => Task.FromResult(new GetJobResponse { Job = Get(request.Name) }));
        foreach (var method in new[] { DaprMethods.DeleteJob, DaprMethods.DeleteJobAlpha1 })
        {
            grpc.Serve(method, async (request, _) =>
            {
                await DeleteAsync(request.Name);
                return new DeleteJobResponse();
            });
        }
        grpc.Serve(DaprMethods.ListJobs, (_, _) => Task.FromResult(new ListJobsResponse { Jobs = { scheduler.Value.List(app) } }));
        grpc.Serve(DaprMethods.ListJobsAlpha1, (_, _) => Task.FromResult(new ListJobsResponseAlpha1 { Jobs = { scheduler.Value.List(app) } }));
        grpc.Serve(DaprMethods.DeleteJobsByPrefix, async (request, _) =>
        {
            await scheduler.Value.DeleteAsync(app, n => n.StartsWith(request.NamePrefix, StringComparison.Ordinal));
            return new DeleteJobsByPrefixResponse();
        });
        grpc.Serve(DaprMethods.DeleteJobsByPrefixAlpha1, async (request, _) =>
        {
            await scheduler.Value.DeleteAsync(app, n => n.StartsWith(request.NamePrefix, StringComparison.Ordinal));
            return new DeleteJobsByPrefixResponseAlpha1();
        });
    }

    private async Task ScheduleAsync(Job job, bool overwrite)
    {
        CheckName(job.Name);
        if (job.Schedule.Length == 0 && job.DueTime.Length == 0)
            throw Error(400, StatusCode.InvalidArgument, "DAPR_SCHEDULER_SCHEDULE_EMPTY", $"job {job.Name} needs a schedule or a dueTime");
        const string code = "DAPR_SCHEDULER_SCHEDULE_JOB";
        try
        {
            if (!await scheduler.Value.ScheduleAsync(app, job, overwrite))
                throw Error(409, StatusCode.AlreadyExists, code, $"failed to schedule job due to: job '{job.Name}' already exists; set overwrite to replace it");
        }
        catch (Exception failure) when (failure is FormatException or OverflowException)
        {
            throw Error(500, StatusCode.Internal, code, $"failed to schedule job due to: {failure.Message}");
        }
    }

    private Job Get(string name)
    {
        CheckName(name);
        return scheduler.Value.Get(app, name) ?? throw Error(500, StatusCode.Internal, "DAPR_SCHEDULER_GET_JOB", $"failed to get job due to: job '{name}' not found");
    }

    private Task DeleteAsync(string name)
    {
        CheckName(name);
        return scheduler.Value.DeleteAsync(app, n => n == name);
    }

    private void CheckName(string name)
    {
        if (name.Length == 0)
            throw Error(400, StatusCode.InvalidArgument, "DAPR_SCHEDULER_JOB_NAME_EMPTY", "job name is empty");
    }

    private ApiException Error(int http, StatusCode grpc, string code, string message) =>
        ApiException.Kit(http, grpc, code, code, message, metadata: new JsonObject { ["appID"] = app, ["namespace"] = space });
}
