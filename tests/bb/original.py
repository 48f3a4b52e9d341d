# SPDX-License-Identifier: MIT
"""The service that bearerd replaces, in its essence, to test that both can
share one Redis.  Run: /usr/bin/python3 -m uvicorn original:app"""

import os
from datetime import timedelta

import redis
import requests
from fastapi import FastAPI, HTTPException

BASE_URL = os.environ["BASE_URL"]
API_KEY = os.environ["API_KEY"]
TOKEN_LIFE = timedelta(minutes=30)

app = FastAPI(title="tokenservice")
store = redis.Redis(
    host=os.environ["REDIS_HOST"],
    password=os.environ.get("REDIS_PW") or None,
    decode_responses=True,
)


def fetch_token():
    answer = requests.get(
        f"{BASE_URL}/token", headers={"backend-APIKey": API_KEY}, timeout=5
    )
    if answer.status_code != 200:
        raise HTTPException(status_code=502, detail="no token to be had")
    return answer.json()["token"]


@app.get("/token")
def get_token():
    token = store.get("token")
    if token is None:
        token = fetch_token()
        store.setex("token", TOKEN_LIFE, token)
    return {"token": token}
