# One image serves all roles; the setting SERVICES says which of them a container answers.
FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea AS packages
COPY requirements.lock .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.lock

FROM python:3.12-slim@sha256:78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea
RUN useradd --system --uid 10001 --home-dir /app staynest \
    && install -d -o staynest -g staynest /srv/media /srv/private
COPY --from=packages /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH PYTHON=/opt/venv/bin/python PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 PORT=8000 MEDIA_ROOT=/srv/media PRIVATE_ROOT=/srv/private
WORKDIR /app
COPY . .
# The static files are part of the image, because no setting of a deployment changes them.
RUN SECRET_KEY=only-to-collect-static-files-xxxxxxxx ALLOWED_HOSTS=none DATABASE_URL=postgresql://none/none \
    REDIS_URL=redis://none python manage.py collectstatic --no-input
USER staynest
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz/', timeout=2)"]
CMD ["bin/serve"]
